import { z } from 'zod';

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
 * Labels of an object that a person adds: a name of at most 63 characters, perhaps after a domain and a slash, with a value
 * of at most 63 (ValidateLabels of Kubernetes 1.36). Those that every object of ours carries are not for others to choose.
 */
export const labels = z.record(
  z
    .string()
    .regex(
      /^(?!app\.kubernetes\.io\/)(?:(?=[^/]{1,253}\/)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9](?:[-\w.]{0,61}[a-z0-9])?$/i,
      'is not the key of a label, or one of app.kubernetes.io/',
    ),
  z.string().regex(/^(?:[a-z0-9](?:[-\w.]{0,61}[a-z0-9])?)?$/i, 'is not the value of a label'),
);
