import { z } from 'zod';
import { Dns } from './dns';
import { domain, folder, label, objectName, RepositoryName, text } from './fields';
import { isRecord } from './json';
import { Monitoring } from './monitoring';
import { podFields } from './pod';
import type { Problem } from './problem';
import { problemsFrom, rule } from './schema-problems';
import { SecretStore } from './secret-store';
import { Ways } from './ways';

const SealingCertificate = z.strictObject({
  /** The PEM file, relative to the repository's root. */
  file: z.string().regex(/^platforms\/certificates\/[\w.-]+\.pem$/, 'is not a PEM file in platforms/certificates/'),
  /** SHA-256 of the DER bytes: 64 lower-case hex digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits'),
  /** Whether it is the sample for a first run; values sealed under it cannot be delivered. */
  isSample: z.boolean(),
});

export type SealingCertificate = Readonly<z.output<typeof SealingCertificate>>;

/** The schema of `platforms/<cluster>.ts`, which a platform engineer writes: where servers run. */
export const PlatformEntry = z.strictObject({
  /** The value of `app.kubernetes.io/managed-by`; also named in the first line of every generated file. */
  tool: label,
  /** The value of `app.kubernetes.io/part-of`. */
  project: label,
  /** The prefix of our own annotations. */
  annotationDomain: domain,
  /** The registry that the cluster pulls from, without a scheme; a path may follow. */
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/, 'is not a registry such as registry.example.com'),
  /** The repository that Flux reads, and the folder of its apps reconciliation for our servers. */
  gitops: z.strictObject({ repository: RepositoryName, appsPath: folder }),
  /**
   * The private chart of the `st-app` runtime: its exact version and its Flux source.
   * @default - none; servers use the `plain` runtime
   */
  chart: z
    .strictObject({
      name: label,
      version: text,
      source: z.strictObject({
        kind: z.enum(['HelmRepository', 'GitRepository', 'Bucket']),
        name: objectName,
        namespace: label,
      }),
      /**
       * The port of the Service that the chart creates under the release's name.
       * @default - the worker's port, 8000
       */
      servicePort: z.int().min(1).max(65535).optional(),
    })
    .optional(),
  /** How callers from outside reach the servers. */
  ways: Ways,
  /**
   * How Prometheus finds and scrapes the servers.
   * @default - nothing is rendered for monitoring
   */
  monitoring: Monitoring.optional(),
  /** The self-hosted Arcade engine that calls the workers. */
  engine: z.strictObject({ namespace: label }),
  /** Where the servers' secrets come from. @default - sealed in this repository */
  secrets: SecretStore,
  /**
   * The certificate that seals secrets for this cluster, pinned by its SHA-256. Required if secrets are sealed.
   * @default - none
   */
  certificate: SealingCertificate.optional(),
  /**
   * Earlier certificates of the cluster that still have sealed values in use.
   * @default - none
   */
  retiredCertificates: z.array(SealingCertificate).default([]),
  // Defaults for the pods of all servers; a server adds to them, or overrides them.
  ...podFields,
  /** How the public hosts get their DNS records. */
  dns: Dns,
});

export type PlatformEntry = z.input<typeof PlatformEntry>;

/** One platform, with the names derived from its file. */
export type Platform = Readonly<z.output<typeof PlatformEntry>> & {
  /** The cluster's name: the name of the file. */
  readonly name: string;
  /** Its file, relative to the repository's root. */
  readonly source: string;
  /** The flag that selects it, with a leading space: ` --platform staging`. Empty if it is the only platform. */
  readonly flag: string;
};

/** The prefix of a placeholder for a value that must be confirmed: it renders, but is rejected on delivery. */
export const unconfirmed = 'confirm-';

/** Declares a platform. Validated when all platforms are read, so that every mistake is reported together. */
export function definePlatform(entry: PlatformEntry): PlatformEntry {
  return entry;
}

/**
 * Validates a platform's declaration: returns the platform, or all its problems.
 * @param name the file's name without `.ts`, which is the cluster's name
 * @param isOnly whether it is the only platform, so that commands need no flag. @default - true
 */
export function platformFrom(name: string, entry: unknown, isOnly = true): Platform | readonly Problem[] {
  const source = `platforms/${name}.ts`;
  // Rules over two fields are checked separately, so that an invalid field does not hide them.
  const input = { name, entry, fields: entry };
  const parsed = z.strictObject({ name: label, entry: PlatformEntry, fields: certificateRule }).safeParse(input);
  if (parsed.success) return { ...parsed.data.entry, name, source, flag: isOnly ? '' : ` --platform ${name}` };
  return problemsFrom(parsed.error, {
    file: source,
    input,
    shape: PlatformEntry,
    schema: 'model/platform.ts',
    code: 'PLATFORM-FIELD',
  });
}

/** Sealed secrets require a certificate. */
const certificateRule = z.unknown().superRefine((value, context) => {
  const entry = isRecord(value) ? value : {};
  const kind = isRecord(entry.secrets) ? entry.secrets.kind : 'sealed';
  if (kind !== 'sealed' || entry.certificate !== undefined) return;
  const fix = 'npm run new -- platform adds a sample one; or choose another source of secrets: secrets.kind';
  rule(context, 'PLATFORM-FIELD', 'is missing, but secrets are sealed under it', fix, ['certificate']);
});
