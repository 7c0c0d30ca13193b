import { isRecord } from './json';
import { nearest } from './nearest';
import type { Platform } from './platform';
import { unknownPlatform } from './platforms';
import { Problem } from './problem';
import { overridable } from './server-entry';

/** A server's declaration for one platform, not validated yet. */
export interface Placement {
  readonly platform: Platform;
  /** The declaration with the platform's overrides applied, without the field `platforms`. */
  readonly entry: unknown;
  /** Maps a path of the entry to where it is declared: `image` may be `platforms.staging.image`. */
  pathOf(path: string): string;
}

/**
 * Applies the field `platforms` of a declaration: one placement per selected platform, or one for every platform if the field
 * is absent.
 * @param file the path of the declaration, for problems
 */
export function placementsOf(
  declared: unknown,
  platforms: readonly Platform[],
  file: string,
): { readonly placements: readonly Placement[]; readonly problems: readonly Problem[] } {
  if (!isRecord(declared)) {
    return { placements: platforms.map((platform) => placement(platform, declared, {})), problems: [] };
  }
  const { platforms: chosen, ...entry } = declared;
  const choices = choicesOf(chosen, platforms);
  if (typeof choices === 'string') {
    const known = platforms.map(({ name }) => name).join(', ');
    const fix = `list the platforms it runs on, of ${known}; or remove the field to run on all of them`;
    return {
      placements: [],
      problems: [new Problem('SERVER-FIELD', `Cannot use platforms: it ${choices}`, { file, path: 'platforms', fix })],
    };
  }
  const problems = choices.flatMap(([name, override]) => {
    const path = `platforms.${name}`;
    if (platforms.every((platform) => platform.name !== name)) {
      return [
        unknownPlatform(
          name,
          platforms.map((platform) => platform.name),
          file,
          path,
        ),
      ];
    }
    return Object.keys(override).flatMap((field) =>
      overridable.includes(field) ? [] : [fixedField(field, name, file)],
    );
  });
  const placements = platforms.flatMap((platform) => {
    const [, override] = choices.find(([name]) => name === platform.name) ?? [];
    return override === undefined ? [] : [placement(platform, entry, allowed(override))];
  });
  return { placements, problems };
}

type Override = Readonly<Record<string, unknown>>;

/** The overrides by platform name; or why the field cannot be read. */
function choicesOf(chosen: unknown, platforms: readonly Platform[]): readonly [name: string, Override][] | string {
  if (chosen === undefined) return platforms.map(({ name }) => [name, {}]);
  const choices = Array.isArray(chosen)
    ? chosen.map((name: unknown) => [name, {}] as const)
    : Object.entries(isRecord(chosen) ? chosen : { '': chosen });
  const read = choices.flatMap(([name, override]): [string, Override][] =>
    typeof name === 'string' && isRecord(override) ? [[name, override]] : [],
  );
  if (read.length < choices.length) return 'is neither a list of names nor an object of overrides by name';
  if (read.length === 0) return 'names no platform';
  return new Set(read.map(([name]) => name)).size < read.length ? 'names a platform twice' : read;
}

function placement(platform: Platform, declared: unknown, override: Override): Placement {
  if (!isRecord(declared)) return { platform, entry: declared, pathOf: (path) => path };
  const env = isRecord(override.env) && isRecord(declared.env) ? { env: { ...declared.env, ...override.env } } : {};
  return {
    platform,
    entry: { ...declared, ...override, ...env },
    pathOf(path) {
      const [field = '', variable = ''] = path.split('.');
      const isOverridden =
        field in override && (env.env === undefined || field !== 'env' || variable in Object(override.env));
      return isOverridden ? `platforms.${platform.name}.${path}` : path;
    },
  };
}

function allowed(override: Override): Override {
  return Object.fromEntries(Object.entries(override).filter(([field]) => overridable.includes(field)));
}

function fixedField(field: string, platform: string, file: string): Problem {
  const meant = nearest(field, overridable);
  const may = `${overridable.slice(0, -1).join(', ')} and ${overridable.at(-1)}`;
  return new Problem('PLATFORM-OVERRIDE', `Cannot override "${field}" on "${platform}": only ${may} may differ`, {
    file,
    path: `platforms.${platform}.${field}`,
    fix: meant === undefined ? 'write it once, for all platforms; or declare a separate server' : `write "${meant}"`,
  });
}
