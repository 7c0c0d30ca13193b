// npm run interop [-- <suite> …] [-- <flags of Jest, such as -t restart or --json>]: the project against real programs.
// npm run interop -- cluster --keep leaves its cluster running, and npm run interop -- cluster --stop ends what was left.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest, distance } from 'fastest-levenshtein';

const here = dirname(fileURLToPath(import.meta.url));
const suites = readdirSync(here).filter((name) => existsSync(join(here, name, `${name}.interop.ts`)));

const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
const names = firstFlag === -1 ? args : args.slice(0, firstFlag);
const flags = args.slice(names.length);
const unknown = names.find((name) => !suites.includes(name));
if (unknown !== undefined) {
  const meant = closest(unknown, suites);
  const isNear = distance(unknown, meant) <= 3;
  console.error(`Cannot run "${unknown}": there is no such suite`);
  console.error(isNear ? `did you mean npm run interop -- ${meant}?` : `choose one of ${suites.join(', ')}`);
  process.exit(1);
}
if (flags.includes('--help')) {
  console.log(`npm run interop [-- <suite> …] [<flags of Jest>]
    tests the project against real programs

Suites:
${suites.map((name) => `  ${name}`).join('\n')}

  --keep   cluster: leaves its cluster running
  --stop   cluster: stops a cluster that was left running

Examples:
  npm run interop -- sealing
  npm run interop -- cluster -t restart --keep`);
  process.exit(0);
}

process.chdir(dirname(here));
if (names.includes('cluster') && flags.includes('--stop')) {
  const command = ['cli/run.mjs', 'interop/cluster/plane.command.ts', 'stop'];
  process.exit(spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1);
}
if (names.includes('cluster') && flags.includes('--keep')) {
  process.env.INTEROP_KEEP = '1';
  flags.splice(flags.indexOf('--keep'), 1);
}
const paths = names.map((name) => `interop/${name}/${name}\\.interop\\.ts$`);
// One after the other: they measure, and two at once would be measuring each other.
process.argv.splice(2, Infinity, '--selectProjects', 'interop', '--runInBand', ...paths, ...flags);
createRequire(import.meta.url)('jest/bin/jest');
