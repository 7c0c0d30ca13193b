const shared = {
  // Dependencies are transformed too: some ship only as ES modules, which Jest cannot `require`.
  transform: { '\\.m?[jt]s$': '@swc/jest' },
  transformIgnorePatterns: [],
  setupFiles: ['./testing/plain-text.setup.js'],
  globalSetup: './testing/environment.setup.js',
  globalTeardown: './testing/environment.teardown.js',
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/build/', '/\\.cache/'],
  modulePathIgnorePatterns: ['/build/', '/\\.cache/'],
};
const own = ['<rootDir>/servers.test.ts', '<rootDir>/workflows.test.ts', '<rootDir>/servers/**/*.test.ts'];

// Tests with real programs run only on request: npm run interop, or jest --selectProjects interop.
const isInterop = process.argv.includes('interop');
const interop = { ...shared, displayName: { name: 'interop', color: 'yellow' }, testMatch: ['**/*.interop.ts'] };

/** Only the project `own` tests servers/, platforms/ and dist/; the other projects do not read them. */
module.exports = {
  // Only stops tests that hang: the longest takes a minute and a half.
  testTimeout: 1_200_000,
  // By default Jest leaves one core idle, but most tests wait for programs that they have started.
  maxWorkers: '100%',
  reporters: isInterop ? ['./interop/reporter.js', 'summary'] : ['default'],
  projects: [
    { ...shared, displayName: { name: 'own', color: 'green' }, testMatch: own },
    {
      ...shared,
      displayName: { name: 'product', color: 'blue' },
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [
        ...shared.testPathIgnorePatterns,
        '<rootDir>/(servers|workflows|copies|pages|picture)\\.test\\.ts$',
        '<rootDir>/servers/',
      ],
    },
    // What README and docs/ show: links, code blocks, commands.
    { ...shared, displayName: { name: 'pages', color: 'magenta' }, testMatch: ['<rootDir>/pages.test.ts'] },
    // Typical changes to servers/ and platforms/, each in a copy of the repository with all its tests.
    { ...shared, displayName: { name: 'copies', color: 'yellow' }, testMatch: ['<rootDir>/{copies,picture}.test.ts'] },
    // A subset of `product` that takes half a minute.
    {
      ...shared,
      displayName: { name: 'smoke', color: 'cyan' },
      testMatch: [
        '<rootDir>/{model,charts,dns}/*.test.ts',
        '<rootDir>/worker/{catalog,config}/*.test.ts',
        '<rootDir>/worker/{app,routes/worker}.test.ts',
      ],
    },
    ...(isInterop ? [interop] : []),
  ],
};
