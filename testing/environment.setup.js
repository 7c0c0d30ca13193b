const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/**
 * What the programs that tests start inherit, whatever `env` a test names: one temporary folder, which goes at the end
 * with all that they left in it, and words without colour, which commands otherwise have on a terminal and in CI. Commands
 * are stricter in CI, so tests of that say that they are there.
 */
module.exports = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-servers-tests-'));
  process.env.TMPDIR = folder;
  process.env.NO_COLOR = '1';
  delete process.env.FORCE_COLOR;
  delete process.env.CI;
  globalThis.removeTemporaryFolder = () => rmSync(folder, { recursive: true, force: true });
};
