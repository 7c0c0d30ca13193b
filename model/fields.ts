import { z } from 'zod';
import { rule } from './schema-problems';

/** A label of a host or an object, or the name of a namespace: 1 to 63 characters (RFC 1123). */
export const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a label: lower-case letters, digits and -');
/** A domain name in lower case, without a dot at the end. */
export const domain = z
  .string()
  .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'is not a domain name in lower case');
/** A folder inside a repository, with `/` between its parts. */
export const folder = z
  .string()
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)*$/, 'is not a folder inside the repository, such as apps/mcp');
/** Any text but none. */
export const text = z.string().min(1, 'is empty');
/** The name of an object in a cluster, where no shorter form is asked for. */
export const objectName = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'is not the name of an object',
  );
/**
 * The name alone, without its owner and the ending of its address: a folder of `dist/`, beside what goes to no target.
 */
export const RepositoryName = z
  .string()
  .regex(/^(?!\.{1,2}$|.*\.git$)[\w.-]+$/i, 'is not the name of a repository, without its owner and .git')
  .refine(
    (name) => !/^(arcade-engine|registry|tools|topology\.md|index\.json)$/i.test(name),
    'is a part of dist/ that goes to no target',
  );

/** A name of at most 63, perhaps after a DNS name and a slash: no API server takes another key (ValidateAnnotations, 1.36.3). */
const annotationKey =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/i;

/** The bytes of all annotations of an object, keys included (TotalAnnotationSizeLimitB, 1.36.3). */
const maxAnnotationBytes = 256 * 1024;

/** Refuses what no API server takes as annotations. */
export function annotationsRule(
  given: Readonly<Record<string, string>>,
  context: z.core.$RefinementCtx,
  path: readonly string[] = [],
): void {
  const fix = 'write a name of letters and digits, with "-", "_" and "." between, such as example.com/reason';
  for (const key of Object.keys(given).filter((key) => !annotationKey.test(key)))
    rule(context, 'BAD-VALUE', 'is not the key of an annotation', fix, [...path, key]);
  const bytes = Buffer.byteLength(Object.entries(given).flat().join(''));
  if (bytes > maxAnnotationBytes) {
    rule(
      context,
      'BAD-VALUE',
      `takes ${bytes} bytes, ${maxAnnotationBytes} at most`,
      'keep it elsewhere, and name the place',
      [...path],
    );
  }
}
