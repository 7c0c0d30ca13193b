import { Problem } from '../model/problem';
import type { Options } from './flags';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Refuses a command line from which npm took flags because no `--` came before them: without `--dry-run` the command would
 * do what it was only asked to show. npm passes such flags on as `npm_config_*` (npm 10 and 11).
 * @param args the words that the command did get
 * @param environment of a script that npm runs
 * @throws Problem USAGE that names the flags, and no value
 */
export function checkNpmKeptNone(options: Options, args: readonly string[], environment: Environment): void {
  const kept = Object.keys(options).filter((name) => isMissing(name, args) && isKept(name, environment));
  const event = environment.npm_lifecycle_event;
  if (event === undefined || kept.length === 0) return;
  const verb = event === 'start' ? 'npm start' : `npm run ${event}`;
  const flags = kept.map((name) => `--${name}${options[name]?.type === 'string' ? ' …' : ''}`).join(' ');
  const names = kept.map((name) => `--${name}`).join(' and ');
  throw new Problem('USAGE', `Cannot run this: npm kept ${names} for itself`, {
    fix: `write -- before the words of the command: ${verb} -- ${flags}`,
  });
}

function isMissing(name: string, args: readonly string[]): boolean {
  return !args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
}

function isKept(name: string, environment: Environment): boolean {
  const envOf = (setting = name) => environment[`npm_config_${setting.replaceAll('-', '_')}`];
  // npm reads --no-secret as secret=false, and passes false on as an empty text.
  if (name.startsWith('no-')) return envOf(name.slice('no-'.length)) === '';
  const value = envOf() ?? (Object.hasOwn(completed, name) ? envOf(completed[name]) : undefined);
  if (value === undefined || value === '' || settings.has(name)) return false;
  // Builds of native packages for another machine are told so by the variable npm_config_platform.
  return !(name === 'platform' && nodePlatforms.has(value));
}

/** Our flags that are settings of npm too. The environment of a person or of CI may have them, so they prove nothing. */
const settings = new Set(['ca', 'description', 'force', 'offline', 'registry', 'scope', 'workspace']);

/** Our flags that npm completes to a setting of its own, because no other setting begins like them (npm 11). */
const completed: Readonly<Record<string, string>> = {
  engine: 'engine-strict',
  to: 'token-description',
  token: 'token-description',
};

const nodePlatforms = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'openbsd', 'sunos', 'win32']);
