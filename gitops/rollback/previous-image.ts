import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { git } from '../git/git';

/** An earlier image of a server, and the commit that rendered it. */
export interface PreviousImage {
  readonly image: string;
  /** The abbreviated commit and the first line of its message. */
  readonly commit: string;
}

/**
 * Searches the history of a rendered file for the newest image that differs from `current`. Follows first parents only, so a
 * merge is one step. Undefined when there is none.
 * @param root the repository's folder
 * @param path the rendered file with a server's image
 */
export function previousImage(root: string, path: string, current: string): PreviousImage | undefined {
  const log = git(root, ['log', '--first-parent', '--format=%H %h %s', '--', path], { exitCodes: [0, 128] });
  for (const line of log.split('\n').filter(Boolean)) {
    const [hash = '', ...commit] = line.split(' ');
    // A commit that removed the file has no blob.
    const image = imageIn(git(root, ['cat-file', 'blob', `${hash}:${path}`], { exitCodes: [0, 128] }));
    if (image !== undefined && image !== current) return { image, commit: commit.join(' ') };
  }
  return undefined;
}

/** The image in rendered manifests of either runtime. Undefined when there is none. */
export function imageIn(text: string): string | undefined {
  for (const document of parseAllDocuments(text)) {
    const { success, data } = Release.safeParse(document.toJS());
    if (!success) continue;
    if (data.kind === 'Deployment') return data.spec.template.spec.containers[0].image;
    const { repository, tag } = data.spec.values.image;
    return `${repository}:${tag}`;
  }
  return undefined;
}

const Container = z.object({ image: z.string() });

/** The object that names a server's image, in either runtime. */
const Release = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('HelmRelease'),
    spec: z.object({ values: z.object({ image: z.object({ repository: z.string(), tag: z.string() }) }) }),
  }),
  z.object({
    kind: z.literal('Deployment'),
    spec: z.object({
      template: z.object({ spec: z.object({ containers: z.tuple([Container]).rest(Container) }) }),
    }),
  }),
]);
