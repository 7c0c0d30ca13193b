import { z } from 'zod';
import { domain, folder, label, objectName, text } from './fields';
import type { Problem } from './problem';
import { problemsFrom } from './schema-problems';
import { Ways } from './ways';

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
  /** The self-hosted Arcade engine that calls the workers. */
  engine: z.strictObject({ namespace: label }),
  /** The certificate that secrets of this cluster are sealed under, pinned by the SHA-256 of its DER bytes. */
  certificate: SealingCertificate,
  /**
   * Earlier certificates of the cluster whose sealed values are still in use.
   * @default - none
   */
  retiredCertificates: z.array(SealingCertificate).default([]),
  dns: z.strictObject({
    /** The public zone that every public host ends in. */
    zone: domain,
    repository: RepositoryName,
    /** The folder of the workspace inside the repository. */
    workspace: folder,
    /** The Terraform expression for the zone's id, as the workspace defines it; without `${}`. */
    zoneId: z.string().regex(/^[^{}]+$/, 'is not a Terraform expression, written without its braces'),
    /** `cloudflare_dns_record` for provider 5, `cloudflare_record` for provider 4. */
    resourceType: z.enum(['cloudflare_dns_record', 'cloudflare_record']),
    /**
     * Renders a whole workspace (providers, backend, zone look-up) instead of a fragment that joins an existing one.
     * @default - a fragment
     */
    standAlone: z
      .strictObject({ backend: z.strictObject({ type: text, settings: z.record(z.string(), z.unknown()) }) })
      .optional(),
  }),
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
  const parsed = z.strictObject({ name: label, entry: PlatformEntry }).safeParse({ name, entry });
  if (parsed.success) return { ...parsed.data.entry, name, source, flag: isOnly ? '' : ` --platform ${name}` };
  return problemsFrom(parsed.error, {
    file: source,
    input: { name, entry },
    shape: PlatformEntry,
    schema: 'model/platform.ts',
    code: 'PLATFORM-FIELD',
  });
}
