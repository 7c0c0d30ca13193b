const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Gives every test of a run one temporary folder, and takes it away at the end with all that they left in it. */
module.exports = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-servers-tests-'));
  process.env.TMPDIR = folder;
  globalThis.removeTemporaryFolder = () => rmSync(folder, { recursive: true, force: true });
};
