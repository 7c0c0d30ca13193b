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
  /** The PEM file, from the repository's root. */
  file: z.string().regex(/^platforms\/certificates\/[\w.-]+\.pem$/, 'is not a PEM file in platforms/certificates/'),
  /** 64 hex digits over the DER bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits'),
  /** Ships for the first run: nothing sealed under it may be delivered. */
  isSample: z.boolean(),
});

export type SealingCertificate = Readonly<z.output<typeof SealingCertificate>>;

/** What a platform engineer writes in `platforms/<cluster>.ts`: where servers run. Servers say the rest. */
export const PlatformEntry = z.strictObject({
  /** The word for `app.kubernetes.io/managed-by` and the first line of every generated file. */
  tool: label,
  /** The value of `app.kubernetes.io/part-of`. */
  project: label,
  /** The prefix of our own annotations. */
  annotationDomain: domain,
  /** The registry that the cluster can pull from, without a scheme; a path in it may follow. */
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/, 'is not a registry such as registry.example.com'),
  /** The repository Flux reads, and the folder of its apps reconciliation that holds our servers. */
  gitops: z.strictObject({ repository: RepositoryName, appsPath: folder }),
  /**
   * The private chart of the `st-app` runtime, with the exact version and the source that serves it.
   * @default - there is none, and servers run in the `plain` runtime
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
       * The port of the Service that the chart makes, under the release's name.
       * @default - the worker's own, 8000
       */
      servicePort: z.int().min(1).max(65535).optional(),
    })
    .optional(),
  /** How callers from outside reach the servers. */
  ways: Ways,
  /**
   * Who reads the metrics of the servers, and how they are found.
   * @default - nobody: nothing is rendered for it
   */
  monitoring: Monitoring.optional(),
  /** The self-hosted Arcade engine that calls the workers. */
  engine: z.strictObject({ namespace: label }),
  /** Where the secrets of its servers come from. @default - sealed in this repository */
  secrets: SecretStore,
  /**
   * The certificate that secrets of this cluster are sealed under, pinned by the SHA-256 of its DER bytes.
   * @default - none, where secrets are not sealed
   */
  certificate: SealingCertificate.optional(),
  /**
   * Earlier certificates of the cluster whose sealed values are still in use.
   * @default - none
   */
  retiredCertificates: z.array(SealingCertificate).default([]),
  // What every server's pods have; each server may add to it, and wins.
  ...podFields,
  /** What gives the public hosts their names. */
  dns: Dns,
});

export type PlatformEntry = z.input<typeof PlatformEntry>;

/** One platform, with what follows from its file. */
export type Platform = Readonly<z.output<typeof PlatformEntry>> & {
  /** The cluster that Flux reconciles: the name of the file. */
  readonly name: string;
  /** Where it is declared, from the repository's root. */
  readonly source: string;
  /** How a command line names it, with a blank in front: ` --platform staging`. Empty for the only one. */
  readonly flag: string;
};

/** A value that starts so cannot be known from outside the company; it renders, and it is refused on delivery. */
export const unconfirmed = 'confirm-';

/** Declares a platform. It is checked when it is read, so that one mistake hides no other. */
export function definePlatform(entry: PlatformEntry): PlatformEntry {
  return entry;
}

/**
 * A declaration with its file's name → the platform, or every problem it has.
 * @param name the file's name without `.ts`; the cluster's name
 * @param isOnly whether nobody has to name it. @default - true
 */
export function platformFrom(name: string, entry: unknown, isOnly = true): Platform | readonly Problem[] {
  const source = `platforms/${name}.ts`;
  // What depends on two fields is looked at apart, so that a wrong field hides none of it.
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

/** Secrets that are sealed are sealed under a certificate. */
const certificateRule = z.unknown().superRefine((value, context) => {
  const entry = isRecord(value) ? value : {};
  const kind = isRecord(entry.secrets) ? entry.secrets.kind : 'sealed';
  if (kind !== 'sealed' || entry.certificate !== undefined) return;
  const fix = 'npm run new -- platform writes one that is for trying; or say where secrets are instead: secrets.kind';
  rule(context, 'PLATFORM-FIELD', 'is missing, and secrets are sealed under it', fix, ['certificate']);
});
