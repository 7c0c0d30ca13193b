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

// Real programs are asked for by name alone: npm run interop, or jest --selectProjects interop.
const isInterop = process.argv.includes('interop');
const interop = { ...shared, displayName: { name: 'interop', color: 'yellow' }, testMatch: ['**/*.interop.ts'] };

/** What people own is judged by `own` alone; nothing in the other projects reads servers/, platforms/ or dist/. */
module.exports = {
  testTimeout: 3_600_000,
  // Jest leaves a core idle, which on two cores is half of them; most tests wait for programs that they have started.
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
    // What people do to what they own, each in a copy whose tests are run in turn.
    { ...shared, displayName: { name: 'copies', color: 'yellow' }, testMatch: ['<rootDir>/{copies,picture}.test.ts'] },
    // A part of the product's that says within half a minute whether this machine can run the rest.
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
