const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/**
 * Sets the environment of all tests and the programs they start: a temporary folder that is removed at the end, no colors,
 * and no CI variable, because commands are stricter in CI; tests of that set it themselves.
 */
module.exports = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-servers-tests-'));
  process.env.TMPDIR = folder;
  process.env.NO_COLOR = '1';
  delete process.env.FORCE_COLOR;
  delete process.env.CI;
  globalThis.removeTemporaryFolder = () => rmSync(folder, { recursive: true, force: true });
};
