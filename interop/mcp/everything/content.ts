/** Minimal valid files: one pixel, and a WAV header without samples. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const wav = Buffer.from('RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\b\0data\0\0\0\0', 'latin1');

export const pixel = png;

export const text = (content: string) => ({ type: 'text', text: content });

export const image = { type: 'image', data: png, mimeType: 'image/png' };

export const audio = { type: 'audio', data: wav.toString('base64'), mimeType: 'audio/wav' };

export const resource = (uri: string, mimeType: string, content: string) => ({
  type: 'resource',
  resource: { uri, mimeType, text: content },
});
