import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import { pick } from '../../model/servers';
import type { Server } from '../../model/spec';

/**
 * The images to build for the given servers, or for all if no name is given, as rows of a workflow matrix: the platforms that
 * pull an image, its repository without a tag, the registry host to log in to, and the version of the tools. A server has one
 * image for each registry of its platforms, and none if its image is built elsewhere.
 * @throws Problem SERVER-UNKNOWN, or IMAGE-FOREIGN for a name whose image is built elsewhere
 */
export function imagesOf(servers: readonly Server[], platforms: readonly Platform[], names: readonly string[] = []) {
  const here = pick(servers, names).filter(({ platform }) => platforms.includes(platform));
  const builds = here.flatMap(({ name: server, toolkit, source: file, platform }) => {
    if (toolkit !== undefined) {
      const { name, description, version } = toolkit;
      const { registry } = platform;
      const [host = registry] = registry.split('/');
      return [
        {
          server,
          platforms: [platform.name],
          toolkit: name,
          image: `${registry}/${server}`,
          registry: host,
          description,
          version,
        },
      ];
    }
    if (names.length === 0) return [];
    const message = `Cannot build "${server}": it has no tools/, so its image is built elsewhere`;
    throw new Problem('IMAGE-FOREIGN', message, { file, fix: 'name a server with tools/, or leave it out' });
  });
  const images = new Map<string, (typeof builds)[number]>();
  for (const build of builds) {
    const platforms = [...(images.get(build.image)?.platforms ?? []), ...build.platforms];
    images.set(build.image, { ...build, platforms });
  }
  return [...images.values()];
}

/**
 * The first changed file that is part of a server's image. Undefined when there is none: tests and declarations are not in an
 * image.
 * @param changed paths from the repository's root
 */
export function reasonToBuild(server: string, changed: readonly string[]): string | undefined {
  const folders = [...['tools', 'resources', 'lib'].map((folder) => `servers/${server}/${folder}/`), 'worker/'];
  return changed.find(
    (path) =>
      ['package-lock.json', 'Dockerfile'].includes(path) ||
      (folders.some((folder) => path.startsWith(folder)) && !path.endsWith('.test.ts')),
  );
}
