import { defineResource, defineTool, z } from './define-tool';
import { loadCatalog, readToolFiles } from './load';
import { maxResourceBytes } from './resource';
import { templateReader } from './uri-template';

const toolkit = { name: 'weather', version: '1.2.0', description: 'About the weather.' };

/** What loading says of one resource called `it`, beside files. */
function problemsWith(definition: unknown, files: Readonly<Record<string, Uint8Array>> = {}): string {
  const beside = Object.entries(files).map(([name, bytes]) => [`resources/${name}`, bytes] as const);
  try {
    loadCatalog(toolkit, new Map([['resources/it', definition], ...beside]));
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const text = 'hello';

test.each<[what: string, definition: unknown, told: string]>([
  ['no default export', undefined, 'there is no default export'],
  ['something else', { text }, 'is not the result of defineResource'],
  ['no contents', defineResource({}), 'its contents come from nothing; give one of file, text and read'],
  ['two kinds of contents', defineResource({ text, file: 'a.txt' }), 'its contents come from file and text'],
  [
    'a missing file',
    defineResource({ file: 'b.txt' }),
    'the file "b.txt" is not in resources/; there are a.txt, logo.png',
  ],
  ['a file outside', defineResource({ file: '../server.ts' }), 'the file "../server.ts" is not in resources/'],
  ['a URI without a scheme', defineResource({ uri: 'guide', text }), 'the URI "guide" is not one such as'],
  ['a space in the URI', defineResource({ uri: 'docs://a b', text }), 'the URI "docs://a b" is not one such as'],
  ['a template without a function', defineResource({ uri: 'a://{b}', text }), 'which need a function `read`'],
  ['an operator of level 3', defineResource({ uri: 'a://x{?b}', read: () => text }), '{?b} is no variable'],
  ['variables in a row', defineResource({ uri: 'a://{b}{c}', read: () => text }), 'two variables have no text between'],
  ['one variable twice', defineResource({ uri: 'a://{b}/{b}', read: () => text }), 'a variable comes twice'],
  ['a brace alone', defineResource({ uri: 'a://{b', read: () => text }), 'a brace has no partner'],
  [
    'no media type',
    defineResource({ text, mimeType: 'plain' }),
    'the media type "plain" is not one such as text/plain',
  ],
  [
    'a text that is no picture',
    defineResource({ uri: 'a:b', file: 'a.txt', mimeType: 'image/png' }),
    'of something else',
  ],
  [
    'bytes that are no text',
    defineResource({ uri: 'a:b', file: 'logo.png', mimeType: 'text/plain' }),
    'it is not UTF-8',
  ],
  ['a text that is no JSON', defineResource({ uri: 'a:b.json', text }), 'are not application/json: it is not JSON'],
  ['a page that is no HTML', defineResource({ text }), 'not text/html;profile=mcp-app: it does not begin with a tag'],
  [
    'too much',
    defineResource({ uri: 'a:b', text: 'x'.repeat(maxResourceBytes + 1) }),
    'it has 2097153 bytes, more than 2097152',
  ],
  [
    'a page with a path',
    defineResource({ text: '<p>', page: { csp: { connectDomains: ['https://a.example/x'] } } }),
    'not an origin',
  ],
  [
    'a page for anybody',
    defineResource({ text: '<p>', page: { csp: { resourceDomains: ['*'] } } }),
    'resourceDomains has "*"',
  ],
  ['needs of what is no page', defineResource({ uri: 'a:b', text, page: {} }), 'what only a page has'],
  [
    'a time that is none',
    defineResource({ uri: 'a:b', text, timeoutSeconds: 0 }),
    'timeoutSeconds is not a whole number',
  ],
  ['a time to live below zero', defineResource({ uri: 'a:b', text, ttlMs: -1 }), 'ttlMs is not a whole number'],
  ['an unknown field', defineResource(Object.assign({ uri: 'a:b', text }, { mime: 'x' })), 'there is no field "mime"'],
])('a resource with %s is refused by the name of its file', (_, definition, told) => {
  const said = problemsWith(definition, { 'a.txt': Buffer.from(text), 'logo.png': png });
  expect(said).toMatch(/^Cannot load the tools:\n {2}resources\/it: /);
  expect(said).toContain(told);
});

test('every problem of resources and of the tools that show them is told at once', () => {
  const show = (ui: string) =>
    defineTool({
      description: 'Shows.',
      input: z.strictObject({}),
      ui,
      examples: [{ input: {}, output: {} }],
      run: () => undefined,
    });
  const sources = {
    'resources/a': () => ({ default: defineResource({ uri: 'docs://a', text }) }),
    'resources/b': () => ({ default: defineResource({ uri: 'docs://a', text }) }),
    'resources/c': () => ({ default: defineResource({ uri: 'c' as string, text: 'x' }) }),
    one: () => ({ default: show('missing') }),
    two: () => ({ default: show('a') }),
    three: () => ({ default: show('c') }),
  };
  expect(() => loadCatalog(toolkit, readToolFiles(sources))).toThrow(
    [
      'Cannot load the tools:',
      '  one: `ui` names the resource "missing", which is not in resources/; there are a, b, c',
      '  two: `ui` names the resource "a", which no host shows: it is text/plain at docs://a; a page is text/html;profile=mcp-app at ui://…, without variables',
      '  resources/c: the URI "c" is not one such as docs://guides/start, of at most 2048 letters',
      '  resources/b: another resource has the URI docs://a',
    ].join('\n'),
  );
});

test('the usual address is the one an engine knows, and a server that is switched off shows nothing', () => {
  const sources = new Map<string, unknown>([
    ['resources/card', defineResource({ file: 'my café.html' })],
    ['resources/my café.html', Buffer.from('<p>hi</p>')],
  ]);
  const { resources } = loadCatalog(toolkit, sources);
  expect(resources.fixed.map(({ uri }) => uri)).toEqual(['ui://Weather/1.2.0/my%20caf%C3%A9.html']);
  expect(loadCatalog(toolkit, sources, { disabledToolkits: ['weather'] }).resources.fixed).toEqual([]);
});

test.each([
  ['too much', () => 'x'.repeat(maxResourceBytes + 1), 'it has 2097153 bytes, more than 2097152'],
  ['a number', () => 5 as unknown as string, 'neither text nor bytes'],
])('a function that gives %s is a defect', async (_, read, told) => {
  const { resources } = loadCatalog(toolkit, new Map([['resources/it', defineResource({ uri: 'a:b', read })]]));
  // No function here looks at its context.
  const reading = resources.fixed[0]?.read('a:b', {}, {} as never);
  await expect(reading).rejects.toThrow(told);
});

test.each([
  ['a://{x}-{y}', 'a://1-2-3', { x: '1-2', y: '3' }],
  ['a://{x}.b.{y}/{z}', 'a://1.b.2.b.3/4%2F', { x: '1.b.2', y: '3', z: '4/' }],
  ['{x}:b', 'a:b', { x: 'a' }],
  ['a://{x}-{y}', 'a://-1', undefined],
  ['a://{x}-{y}', 'a://1-', undefined],
  ['a://{x}-{y}', 'a://12', undefined],
  ['aa{x}aa', 'aaa', undefined],
  ['a://{x}/b', 'a://1/2/b', undefined],
  ['a://{x}-{y}', 'b://1-2', undefined],
])('%s reads %s, the first variable as long as it can be', (template, uri, variables) => {
  expect(templateReader(template)(uri)).toEqual(variables);
});

test('a long URI that does not fit is refused at once, however often the text between variables comes', () => {
  // With an expression that goes back this takes hours.
  expect(templateReader('a://{x}-{y}-{z}')(`a://${'-'.repeat(4_000_000)}/`)).toBeUndefined();
});
