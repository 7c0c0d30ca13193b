/** Small files that decoders take: one pixel, and a header of silence. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const wav = Buffer.from('RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\b\0data\0\0\0\0', 'latin1');

export const pixel = png;

export const text = (said: string) => ({ type: 'text', text: said });

export const image = { type: 'image', data: png, mimeType: 'image/png' };

export const audio = { type: 'audio', data: wav.toString('base64'), mimeType: 'audio/wav' };

export const resource = (uri: string, mimeType: string, said: string) => ({
  type: 'resource',
  resource: { uri, mimeType, text: said },
});
