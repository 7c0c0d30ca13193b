import { z } from 'zod';
import { rule } from './schema-problems';

/** A label of a host or an object, or the name of a namespace: 1 to 63 characters (RFC 1123). */
export const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a label: lower-case letters, digits and -');
/** A domain name in lower case, without a trailing dot. */
export const domain = z
  .string()
  .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'is not a domain name in lower case');
/** A folder inside a repository, separated by `/`. */
export const folder = z
  .string()
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)*$/, 'is not a folder inside the repository, such as apps/mcp');
/** Non-empty text. */
export const text = z.string().min(1, 'is empty');
/** The name of a Kubernetes object (RFC 1123 subdomain). */
export const objectName = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'is not the name of an object',
  );
/** The name of a repository without its owner and `.git`. Our own names in `dist/`, where it is a folder, are reserved. */
export const RepositoryName = z
  .string()
  .regex(/^(?!\.{1,2}$|.*\.git$)[\w.-]+$/i, 'is not the name of a repository, without its owner and .git')
  .refine(
    (name) => !/^(arcade-engine|registry|tools|topology\.md|index\.json)$/i.test(name),
    'is reserved: dist/ has a folder or file of this name',
  );

/** A name of at most 63 characters, optionally after a DNS name and a slash (ValidateAnnotations, Kubernetes 1.36.3). */
const annotationKey =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/i;

/** The limit for all annotations of an object, keys included (TotalAnnotationSizeLimitB, Kubernetes 1.36.3). */
const maxAnnotationBytes = 256 * 1024;

/** Rejects annotations that an API server would reject. */
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
      'store it elsewhere, and write its location here',
      [...path],
    );
  }
}
