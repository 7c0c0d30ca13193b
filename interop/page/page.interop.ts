import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { ourWorker } from '../../testing/processes/our-worker';
import { endingOf } from '../../testing/processes/program';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { seen } from '../seen';
import { pagesOfTools } from './apps';
import { tryingTools } from './trying';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--timeout=15000', `--user-data-dir=${folder}/profile`];

/** Runs Debian's Chromium. Standard output has the document, standard error the console messages. */
async function chromium(...args: readonly string[]) {
  const ending = await endingOf('chromium', [...flags, ...args], { cwd: folder });
  expect(ending).toMatchObject({ code: 0 });
  return ending;
}

let worker: RunningServer;
let page: string;

beforeAll(async () => {
  worker = await startServer(await ourWorker('base'));
  page = `${worker.url}/`;
});
afterAll(() => worker?.kill());

test('a browser shows every tool and the URL for clients', async () => {
  const { stdout } = await chromium('--dump-dom', page);
  for (const name of ['Echo', 'Add', 'Whoami']) expect(stdout).toContain(`<h3 id="${name}">`);
  expect(stdout).toContain(`<code>${worker.url}/mcp</code>`);
});

test('the page does not violate its Content Security Policy', async () => {
  const violations = async (url: string) => {
    const { stdout, stderr } = await chromium('--enable-logging=stderr', '--v=0', '--dump-dom', url);
    return `${stdout}${stderr}`.match(/Refused to|Content Security Policy/g) ?? [];
  };
  // Control: the browser does report a violation.
  const broken = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><style>p{}</style>`;
  writeFileSync(join(folder, 'broken.html'), broken);
  expect(await violations(`file://${folder}/broken.html`)).not.toEqual([]);
  expect(await violations(page)).toEqual([]);
});

test('a browser renders the page as a picture', async () => {
  const picture = join(root, 'build/page.png');
  await chromium(`--screenshot=${picture}`, '--window-size=1000,1500', page);
  expect(readFileSync(picture).subarray(1, 4).toString()).toBe('PNG');
  seen('see build/page.png');
});

describe('the try page of npm run dev', tryingTools);
describe('the page of a tool', pagesOfTools);
