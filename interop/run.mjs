// npm run interop [-- <suite> …] [-- <flags of Jest, such as -t restart or --json>]: the project against real programs.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const suites = readdirSync(here).filter((name) => existsSync(join(here, name, `${name}.interop.ts`)));

const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
const names = firstFlag === -1 ? args : args.slice(0, firstFlag);
const flags = args.slice(names.length);
const unknown = names.find((name) => !suites.includes(name));
if (unknown !== undefined || flags.includes('--help')) {
  if (unknown !== undefined) console.error(`Cannot run "${unknown}": there is no such suite\n`);
  console.log(['npm run interop', ...suites.map((name) => `npm run interop -- ${name}`)].join('\n'));
  process.exit(unknown === undefined ? 0 : 1);
}

process.chdir(dirname(here));
const paths = names.map((name) => `interop/${name}/${name}\\.interop\\.ts$`);
// One after the other: they measure, and two at once would be measuring each other.
process.argv.splice(2, Infinity, '--selectProjects', 'interop', '--runInBand', ...paths, ...flags);
createRequire(import.meta.url)('jest/bin/jest');
