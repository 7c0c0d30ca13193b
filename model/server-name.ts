import { z } from 'zod';
import { rule } from './schema-problems';

/** The name of a server's folder, which becomes a namespace, a release and a label of its host. */
export const nameRule = z.string().superRefine((name, context) => {
  // 53 is the longest Helm release name (Helm 3 and 4); a letter first, because Services and Terraform labels want one.
  if (name.length > 53) rule(context, 'NAME', `has ${name.length} characters, 53 at most`, 'shorten the folder name');
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    rule(context, 'NAME', 'is not a letter followed by lower-case letters, digits and -', 'rename the folder');
  }
  // git and the launcher leave out what has one of the last three names, wherever it lies; `main` is the file of a DNS
  // workspace's own settings, beside one file a server.
  if (/^(default|flux-system|main|kube-.*|build|dist|sealed)$/.test(name))
    rule(context, 'NAME', 'is reserved', 'rename the folder');
});

/** The same for a server with tools, whose toolkit is named after it. */
export const toolkitNameRule = nameRule.refine((name) => !name.includes('--'), {
  message: 'has two dashes in a row, which no toolkit name can have',
  params: { code: 'NAME', fix: 'rename the folder' },
});
