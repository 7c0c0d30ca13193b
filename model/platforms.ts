import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceOf } from './dns';
import { nearest } from './nearest';
import { type Platform, platformFrom } from './platform';
import { Problem, stopOnErrors } from './problem';

/**
 * Reads all platforms in `platforms/`, sorted by name; at least one.
 * @param root the repository's folder
 * @throws Problems PLATFORM-FIELD for invalid files, PLATFORM-CLASH for conflicts between platforms, PLATFORM-UNKNOWN if
 *   there is none
 */
export function readPlatforms(root: string): readonly Platform[] {
  const names = platformNames(root);
  if (names.length === 0) {
    throw new Problem('PLATFORM-UNKNOWN', 'Cannot find a platform: platforms/ has no file', {
      file: 'platforms',
      fix: 'npm run new -- platform <cluster>',
    });
  }
  const results = names.map((name) => platformFrom(name, declarationOf(name), names.length === 1));
  const platforms = results.filter((result): result is Platform => 'name' in result);
  const broken = results.flatMap((result) => ('name' in result ? [] : result));
  stopOnErrors([...broken, ...platformClashes(platforms)]);
  return platforms;
}

/**
 * The platform of this name; without a name, the only platform.
 * @throws Problem PLATFORM-UNKNOWN for an unknown name, and without a name if there are several
 */
export function pickPlatform<P extends Pick<Platform, 'name'>>(platforms: readonly P[], name: string | undefined): P {
  const [first, ...others] = platforms;
  if (name === undefined && first !== undefined && others.length === 0) return first;
  const named = platforms.find((platform) => platform.name === name);
  if (named !== undefined) return named;
  const known = platforms.map((platform) => platform.name);
  if (name !== undefined) throw unknownPlatform(name, known);
  throw new Problem(
    'PLATFORM-UNKNOWN',
    `Cannot choose a platform: this command works on one, and platforms/ has ${known.join(', ')}`,
    {
      file: 'platforms',
      fix: `name one: --platform ${known.join(', or --platform ')}`,
    },
  );
}

/** Only the named platform; without a name, all of them. @throws Problem PLATFORM-UNKNOWN */
export function pickPlatforms(platforms: readonly Platform[], name: string | undefined): readonly Platform[] {
  return name === undefined ? platforms : [pickPlatform(platforms, name)];
}

/** The problem of an unknown name, with the probable name. */
export function unknownPlatform(name: string, known: readonly string[], file = 'platforms', path?: string): Problem {
  const meant = nearest(name, known);
  return new Problem('PLATFORM-UNKNOWN', `Cannot find the platform "${name}": platforms/ has no such file`, {
    file,
    path,
    fix: meant === undefined ? `choose one of: ${known.join(', ')}` : `write "${meant}"`,
  });
}

/**
 * Conflicts between platforms: the same delivery folder, or one inside the other; the same certificate, which means the same
 * cluster and thus shared namespaces. Reported for the later platform.
 */
export function platformClashes(platforms: readonly Platform[]): readonly Problem[] {
  return platforms.flatMap((platform, index) =>
    platforms.slice(0, index).flatMap((earlier) => [
      ...foldersOf(platform).flatMap((folder) =>
        foldersOf(earlier)
          .filter(({ place }) => place.startsWith(folder.place) || folder.place.startsWith(place))
          .map(({ base, place, path }) =>
            clash(
              platform,
              folder.path,
              `write to ${folder.base}: "${earlier.name}" writes to ${place === folder.place ? 'it' : base} (${path})`,
              'give each a separate folder, neither inside the other, such as one named after the platform',
            ),
          ),
      ),
      ...sharedCertificates(platform, earlier),
    ]),
  );
}

/**
 * The target folders of a platform, prefixed with the repository's name. `place` is in lower case, because forges and some
 * file systems ignore case.
 */
function foldersOf(platform: Platform) {
  const { gitops } = platform;
  const dns = workspaceOf(platform);
  const bases = [
    ['gitops.appsPath', `${gitops.repository}/${gitops.appsPath}`] as const,
    ...(dns === undefined ? [] : [['dns.workspace', `${dns.repository}/${dns.workspace}`] as const]),
  ];
  return bases.map(([path, base]) => ({ path, base, place: `${base}/`.toLowerCase() }));
}

function sharedCertificates({ certificate, ...platform }: Platform, earlier: Platform): readonly Problem[] {
  if (certificate === undefined || certificate.isSample || certificate.sha256 !== earlier.certificate?.sha256)
    return [];
  const reason = `be a separate cluster: its certificate is that of "${earlier.name}"`;
  const fetch = `npm run seal -- fetch-cert <url or file>${platform.flag}`;
  const fix = `pin the certificate of this cluster (${fetch}), or keep one of the two files`;
  return [clash(platform, 'certificate.sha256', reason, fix)];
}

function clash({ name, source: file }: Pick<Platform, 'name' | 'source'>, path: string, reason: string, fix: string) {
  return new Problem('PLATFORM-CLASH', `The platform "${name}" cannot ${reason}`, { file, path, fix });
}

/** The names of the files in `platforms/`, sorted; none without the folder. */
export function platformNames(root: string): readonly string[] {
  const folder = join(root, 'platforms');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

function declarationOf(name: string): unknown {
  // A pattern that the bundler resolves to all platforms, and Jest to the requested one.
  const module: { default?: unknown } = require(`../platforms/${name}.ts`);
  return module.default;
}
