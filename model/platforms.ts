import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, platformFrom } from './platform';
import { Problem, Problems } from './problem';

/**
 * The platform that is declared in `platforms/`.
 * @param root the repository's folder
 * @throws Problems PLATFORM-FIELD for what is wrong in the file, PLATFORM-UNKNOWN unless there is exactly one
 */
export function readPlatform(root: string): Platform {
  const names = platformNames(root);
  const [name, ...others] = names;
  if (name === undefined) {
    throw new Problem('PLATFORM-UNKNOWN', 'Cannot tell where servers run: platforms/ has no file', {
      file: 'platforms',
      fix: 'npm run new -- platform <cluster>',
    });
  }
  if (others.length > 0) {
    throw new Problem('PLATFORM-UNKNOWN', `Cannot tell which platform is meant: platforms/ has ${names.join(', ')}`, {
      file: 'platforms',
      fix: 'keep one of the files',
    });
  }
  const platform = platformFrom(name, declarationOf(name));
  if ('name' in platform) return platform;
  throw new Problems(platform);
}

/** The names of the files in `platforms/`, sorted; none without the folder. */
export function platformNames(root: string): readonly string[] {
  const folder = join(root, 'platforms');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

function declarationOf(name: string): unknown {
  // One pattern for the bundler, which takes every platform along, and for Jest, which reads the one that is asked for.
  const module: { default?: unknown } = require(`../platforms/${name}.ts`);
  return module.default;
}
