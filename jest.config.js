// Dependencies are transformed too: some ship only as ES modules, which Jest cannot `require`.
module.exports = {
  transform: { '\\.m?[jt]s$': '@swc/jest' },
  transformIgnorePatterns: [],
  testTimeout: 60_000,
  setupFiles: ['./testing/plain-text.setup.js'],
  globalSetup: './testing/temporary-folder.setup.js',
  globalTeardown: './testing/temporary-folder.teardown.js',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/build/', '/\\.cache/'],
  modulePathIgnorePatterns: ['/build/', '/\\.cache/'],
};
