import { anchorsOf, blocksOf, brokenLinks } from './markdown';
import { terminalSvg, textOfSvg } from './terminal-svg';

test('finds links to a missing file, a missing heading and a heading of another kind of file', () => {
  const text = [
    '# Here',
    '[a](tools.md) [b](tools.md#limits) [c](#here) [d](https://example.com/x) `[e](no-link.md)`',
    '[f](missing.md) [g](tools.md#missing) [h](#missing) [i](../package.json#name)',
    '```sh\n[j](in-a-block.md)\n```',
  ].join('\n');
  const broken = ['missing.md', 'tools.md#missing', '#missing', '../package.json#name'];
  expect(brokenLinks('docs/page.md', text)).toEqual(broken.map((target) => `docs/page.md:3 ${target}`));
});

test('gives headings the anchors of GitHub', () => {
  const text = '# Say `what` is it, really?\n## Twice\n## Twice\n```\n# no heading\n```\n### a_b - c';
  expect([...anchorsOf('docs/page.md', text)]).toEqual(['say-what-is-it-really', 'twice', 'twice-1', 'a_b---c']);
});

test('reads the language and the context of a block, and its line', () => {
  const [first, second] = blocksOf('docs/page.md', 'text\n\n```ts server\nreplicas: 2,\n```\n  ```\n  ```\n');
  expect(first).toMatchObject({ line: 3, language: 'ts', context: 'server', text: 'replicas: 2,\n' });
  expect(second).toMatchObject({ line: 6, language: '', context: '', text: '' });
});

test('draws colours as classes, escapes markup, and gives the text back', () => {
  const esc = String.fromCodePoint(0x1b);
  const svg = terminalSvg('a < b', `${esc}[33m! CODE${esc}[39m  <url> & more\n${esc}[35mother${esc}[0m`);
  expect(svg).toContain('<tspan class="yellow">! CODE</tspan>  &lt;url&gt; &amp; more</text>');
  expect(svg).toContain('<title>a &lt; b</title>');
  expect(textOfSvg(svg)).toBe('! CODE  <url> & more\nother');
});
