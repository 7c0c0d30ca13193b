import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { run } from '../../testing/processes/programs';
import { startWorker } from '../../testing/processes/worker-process';

void runCommand({
  usage:
    "npm run interop -- page [--screenshot <file.png>]   the worker's page in Debian's Chromium: drawn, styled, complete",
  options: { screenshot: { type: 'string' } },
  async run({ screenshot }) {
    const folder = mkdtempSync(join(tmpdir(), 'page-'));
    const bundle = join(folder, 'worker.cjs');
    execFileSync(process.execPath, [join(root, 'worker/build.mjs'), bundle]);
    const worker = await startWorker(bundle, 18_300);
    try {
      const page = new URL('/', worker.url).href;
      const shown = chromium(folder, ['--dump-dom', page]);
      for (const name of ['Echo', 'Add', 'Whoami']) say(`${name} is on it`, shown.includes(`<h3 id="${name}">`));
      say('it says where clients connect', shown.includes(`<code>${worker.url}/mcp</code>`));
      // A browser that says nothing of anything would have no complaint either.
      const wrong = join(folder, 'wrong.html');
      writeFileSync(
        wrong,
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><style>p{}</style>`,
      );
      say('the browser complains about a page that breaks its policy', hasComplaint(folder, `file://${wrong}`));
      say('the browser has no complaint about its policy', !hasComplaint(folder, page));
      if (typeof screenshot === 'string') {
        chromium(folder, [`--screenshot=${join(process.cwd(), screenshot)}`, '--window-size=1000,1500', page]);
      }
      return 0;
    } finally {
      worker.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function hasComplaint(folder: string, page: string): boolean {
  const said = chromium(folder, ['--enable-logging=stderr', '--v=0', '--dump-dom', page], true);
  return /Refused to|Content Security Policy/.test(said);
}

const always = ['--headless', '--no-sandbox', '--disable-gpu', '--timeout=15000'];

/** What Chromium prints: the document, or with `all` what it says of it on the way. */
function chromium(folder: string, args: readonly string[], all = false): string {
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const flags = [...always, profile, ...args];
  return all
    ? run('sh', ['-c', 'exec chromium "$@" 2>&1', 'sh', ...flags], { cwd: folder })
    : run('chromium', flags, { cwd: folder });
}

function say(what: string, isSo: boolean): void {
  if (!isSo) {
    throw new Problem('INTEROP-FAILED', `Cannot say that ${what}`, { fix: 'look at a --screenshot' });
  }
  process.stdout.write(`✓ ${what}\n`);
}
