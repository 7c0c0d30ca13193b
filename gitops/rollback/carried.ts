import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { git } from '../git/git';

/** An image that a server was delivered with, and the commit that carried it. */
export interface Carried {
  readonly image: string;
  /** The commit, short, with the first line of its message. */
  readonly commit: string;
}

/**
 * The last image before `current` that a rendered file carried: the newest in the commits of a repository that is another.
 * Merges count as what they brought to the main branch. Undefined when there is none.
 * @param root the repository's folder
 * @param path the file that a server's release is rendered to
 */
export function carriedBefore(root: string, path: string, current: string): Carried | undefined {
  const log = git(root, ['log', '--first-parent', '--format=%H %h %s', '--', path], { answers: [0, 128] });
  for (const line of log.split('\n').filter(Boolean)) {
    const [hash = '', ...commit] = line.split(' ');
    // A commit that removed the file carries nothing.
    const image = imageIn(git(root, ['cat-file', 'blob', `${hash}:${path}`], { answers: [0, 128] }));
    if (image !== undefined && image !== current) return { image, commit: commit.join(' ') };
  }
  return undefined;
}

/** The image in rendered manifests, of either runtime. Undefined when there is none. */
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

/** The one object of a server that names its image. */
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
