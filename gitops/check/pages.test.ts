import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pages } from '../../cli/pages';
import { root } from '../../cli/root';
import { stalePages } from './pages';

test('names every generated page that is missing or was edited, with the command that writes it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  const stale = (file: string) => ({
    code: 'PAGE-STALE',
    file,
    fix: expect.stringContaining('npm run explain -- --write'),
  });
  expect(stalePages(folder)).toMatchObject(Object.keys(pages).map(stale));
  mkdirSync(join(folder, 'docs'));
  for (const page of Object.keys(pages)) writeFileSync(join(folder, page), readFileSync(join(root, page)));
  expect(stalePages(folder)).toEqual([]);
  const text = readFileSync(join(folder, 'docs/variables.md'), 'utf8');
  writeFileSync(join(folder, 'docs/variables.md'), text.replace('| `8000` |', '| `8080` |'));
  expect(stalePages(folder)).toMatchObject([stale('docs/variables.md')]);
});
