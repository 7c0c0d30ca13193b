import { Readable } from 'node:stream';
import { readHidden, readPiped } from './terminal';

test('reads hidden input until Ctrl-D, with Ctrl-U and backspace', async () => {
  const { value, modes, prompts } = await typing(
    'wrong',
    '\x15',
    'hunü',
    '\x7f',
    '\x7f',
    'unter2\r',
    'second',
    '\x04rest',
  );
  expect(value.toString()).toBe('huunter2\nsecond');
  expect(modes).toEqual([true, false]);
  expect(prompts.join()).toContain('Ctrl-D');
  expect(prompts.join()).not.toContain('hu');
});

test('Ctrl-C cancels and restores the terminal', async () => {
  const terminal = terminalTyping('hunter2', '\x03');
  await expect(readHidden(terminal, 'KEY', () => undefined)).rejects.toMatchObject({
    code: 'SECRET-INPUT',
    message: 'Cancelled: no value was given',
  });
  expect(terminal.modes).toEqual([true, false]);
  const cancelled = readHidden(terminalTyping('\x03'), 'KEY', () => undefined, 'nothing was sealed');
  await expect(cancelled).rejects.toMatchObject({ message: 'Cancelled: nothing was sealed' });
});

test('drops the final Enter of typed input and keeps every byte of a pipe', async () => {
  expect((await typing('hunter2', '\r', '\x04')).value.toString()).toBe('hunter2');
  expect((await typing('one\rtwo\r\r\x04')).value.toString()).toBe('one\ntwo\n');
  expect((await typing('\r\x04')).value).toHaveLength(0);
  const piped = Readable.from([Buffer.from('hunter2\n')]);
  expect((await readPiped(piped, 'KEY', () => undefined)).toString()).toBe('hunter2\n');
});

test('reads a pipe to its end, in chunks of any size, and overwrites the chunks', async () => {
  const pieces = Array.from({ length: 300 }, (_, at) => Buffer.alloc(at, at));
  const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  expect((await readPiped(Readable.from(pieces), 'KEY', () => undefined)).equals(whole)).toBe(true);
  expect(pieces.every((piece) => piece.every((byte) => byte === 0))).toBe(true);
});

test('stops reading an endless pipe one byte past the maximum', async () => {
  const endless = (async function* () {
    for (;;) yield Buffer.alloc(64 * 1024, 1);
  })();
  const input = Object.assign(Readable.from(endless), {});
  expect(await readPiped(input, 'KEY', () => undefined)).toHaveLength(1024 * 1024 + 1);
});

async function typing(...keys: string[]) {
  const terminal = terminalTyping(...keys);
  const prompts: string[] = [];
  const value = await readHidden(terminal, 'KEY', (line) => prompts.push(line));
  return { value, modes: terminal.modes, prompts };
}

function terminalTyping(...keys: string[]) {
  const modes: boolean[] = [];
  return Object.assign(Readable.from(keys.map((each) => Buffer.from(each))), {
    isTTY: true,
    modes,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
}
