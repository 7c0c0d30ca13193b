import { defineResource, defineTool, z } from './define-tool';
import { loadCatalog, readToolFiles } from './load';
import { maxResourceBytes } from './resource';
import { templateReader } from './uri-template';

const toolkit = { name: 'weather', version: '1.2.0', description: 'About the weather.' };

/** The error for one resource `it` and some files. */
function errorFor(definition: unknown, files: Readonly<Record<string, Uint8Array>> = {}): string {
  const sources = Object.entries(files).map(([name, bytes]) => [`resources/${name}`, bytes] as const);
  try {
    loadCatalog(toolkit, new Map([['resources/it', definition], ...sources]));
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const text = 'hello';

test.each<[what: string, definition: unknown, error: string]>([
  ['no default export', undefined, 'there is no default export'],
  ['a plain object', { text }, 'is not the result of defineResource'],
  ['no contents', defineResource({}), 'its contents come from nothing; set exactly one of file, text and read'],
  ['two sources of contents', defineResource({ text, file: 'a.txt' }), 'its contents come from file and text'],
  ['a missing file', defineResource({ file: 'b.txt' }), 'the file "b.txt" is not in resources/; found a.txt, logo.png'],
  ['a file outside', defineResource({ file: '../server.ts' }), 'the file "../server.ts" is not in resources/'],
  ['a URI without a scheme', defineResource({ uri: 'guide', text }), 'the URI "guide" is invalid; use one such as'],
  ['a space in the URI', defineResource({ uri: 'docs://a b', text }), 'the URI "docs://a b" is invalid; use one such'],
  ['a template without `read`', defineResource({ uri: 'a://{b}', text }), 'which require a function `read`'],
  ['an operator of level 3', defineResource({ uri: 'a://x{?b}', read: () => text }), '{?b} is not a variable'],
  ['adjacent variables', defineResource({ uri: 'a://{b}{c}', read: () => text }), 'two variables have no text between'],
  ['a repeated variable', defineResource({ uri: 'a://{b}/{b}', read: () => text }), 'it uses a variable twice'],
  ['an unmatched brace', defineResource({ uri: 'a://{b', read: () => text }), 'it has an unmatched brace'],
  [
    'an invalid media type',
    defineResource({ text, mimeType: 'plain' }),
    'the media type "plain" is invalid; use one such as text/plain',
  ],
  [
    'a text declared as an image',
    defineResource({ uri: 'a:b', file: 'a.txt', mimeType: 'image/png' }),
    'belong to another file type',
  ],
  [
    'bytes declared as text',
    defineResource({ uri: 'a:b', file: 'logo.png', mimeType: 'text/plain' }),
    'it is not UTF-8',
  ],
  ['invalid JSON', defineResource({ uri: 'a:b.json', text }), 'are not application/json: it is not JSON'],
  ['a page without HTML', defineResource({ text }), 'not text/html;profile=mcp-app: it does not begin with a tag'],
  [
    'too many bytes',
    defineResource({ uri: 'a:b', text: 'x'.repeat(maxResourceBytes + 1) }),
    'it has 2097153 bytes, the limit is 2097152',
  ],
  [
    'an origin with a path',
    defineResource({ text: '<p>', page: { csp: { connectDomains: ['https://a.example/x'] } } }),
    'not an origin',
  ],
  [
    'a wildcard origin',
    defineResource({ text: '<p>', page: { csp: { resourceDomains: ['*'] } } }),
    'resourceDomains has "*"',
  ],
  [
    'page settings but no page',
    defineResource({ uri: 'a:b', text, page: {} }),
    'only a page can have the field `page`',
  ],
  [
    'a timeout of zero',
    defineResource({ uri: 'a:b', text, timeoutSeconds: 0 }),
    'timeoutSeconds must be a whole number',
  ],
  ['a negative time to live', defineResource({ uri: 'a:b', text, ttlMs: -1 }), 'ttlMs must be a whole number'],
  ['an unknown field', defineResource(Object.assign({ uri: 'a:b', text }, { mime: 'x' })), 'there is no field "mime"'],
])('rejects a resource with %s and names its file', (_, definition, expected) => {
  const error = errorFor(definition, { 'a.txt': Buffer.from(text), 'logo.png': png });
  expect(error).toMatch(/^Cannot load the tools:\n {2}resources\/it: /);
  expect(error).toContain(expected);
});

test('reports all problems of resources and of the tools that show them together', () => {
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
      '  one: `ui` names the resource "missing", which is not in resources/; found a, b, c',
      '  two: `ui` names the resource "a", which is not a page: it is text/plain at docs://a; a page must be text/html;profile=mcp-app at ui://…, without variables',
      '  resources/c: the URI "c" is invalid; use one such as docs://guides/start, of at most 2048 characters',
      '  resources/b: another resource has the URI docs://a',
    ].join('\n'),
  );
});

test('the default URI is the one that engines expect, and a disabled toolkit has no resources', () => {
  const sources = new Map<string, unknown>([
    ['resources/card', defineResource({ file: 'my café.html' })],
    ['resources/my café.html', Buffer.from('<p>hi</p>')],
  ]);
  const { resources } = loadCatalog(toolkit, sources);
  expect(resources.fixed.map(({ uri }) => uri)).toEqual(['ui://Weather/1.2.0/my%20caf%C3%A9.html']);
  expect(loadCatalog(toolkit, sources, { disabledToolkits: ['weather'] }).resources.fixed).toEqual([]);
});

test.each([
  ['too many bytes', () => 'x'.repeat(maxResourceBytes + 1), 'it has 2097153 bytes, the limit is 2097152'],
  ['a number', () => 5 as unknown as string, 'neither text nor bytes'],
])('a read fails when the function returns %s', async (_, read, error) => {
  const { resources } = loadCatalog(toolkit, new Map([['resources/it', defineResource({ uri: 'a:b', read })]]));
  // These functions do not use their context.
  const reading = resources.fixed[0]?.read('a:b', {}, {} as never);
  await expect(reading).rejects.toThrow(error);
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
])('%s matches %s with the longest first variable', (template, uri, variables) => {
  expect(templateReader(template)(uri)).toEqual(variables);
});

test('rejects a long URI in linear time, even if the separator repeats', () => {
  // A backtracking regular expression takes hours for this.
  expect(templateReader('a://{x}-{y}-{z}')(`a://${'-'.repeat(4_000_000)}/`)).toBeUndefined();
});
