import { z } from 'zod';
import { label, objectName } from './fields';
import { quantityFault } from './quantity';
import { rule } from './schema-problems';

/** The volume that every pod has: see charts/pod-template.ts. */
export const ownVolume = { name: 'tmp', mountPath: '/tmp' } as const;

/** Folders of the image or the system that a mount would hide, so that the container could not start. */
const taken = ['/', '/app', '/bin', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sys', '/usr', '/var', '/var/run'];

/** Why a path cannot be a mount point; undefined if it can. */
export function mountFault(path: string): { readonly found: string; readonly fix: string } | undefined {
  const fix = 'write a folder of its own, such as /var/lib/cache';
  if (!/^(\/[\w@.-]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path))
    return path === '/'
      ? { found: 'would hide the whole image', fix }
      : { found: 'is not the full path of a folder', fix };
  if (path === ownVolume.mountPath || path.startsWith(`${ownVolume.mountPath}/`))
    return { found: `is in ${ownVolume.mountPath}, which every pod already mounts`, fix };
  return taken.includes(path) ? { found: 'would hide files of the image or the system', fix } : undefined;
}

/** A volume to mount: an existing Secret or ConfigMap in the server's namespace, or an empty folder. */
export const Volume = z
  .strictObject({
    name: label.refine((name) => name !== ownVolume.name, 'is the name of a volume that every pod already has'),
    /** The mount point. */
    mountPath: z.string().superRefine((path, context) => {
      const fault = mountFault(path);
      if (fault !== undefined) rule(context, undefined, fault.found, fault.fix);
    }),
    /**
     * Whether it is mounted read-only.
     * @default - true for a Secret or a ConfigMap, which cannot be written anyway; false for an empty folder
     */
    readOnly: z.boolean().optional(),
    /** The name of a Secret. */
    secret: objectName.optional(),
    /** The name of a ConfigMap. */
    configMap: objectName.optional(),
    /** The size limit of an empty folder that lives as long as its pod, such as `256Mi`. */
    emptyDir: z
      .string()
      .superRefine((size, context) => {
        const fault = quantityFault('memory', size);
        if (fault !== undefined) rule(context, undefined, fault.found, fault.fix);
      })
      .optional(),
  })
  .superRefine(({ secret, configMap, emptyDir }, context) => {
    const given = [secret, configMap, emptyDir].filter((each) => each !== undefined);
    if (given.length !== 1)
      rule(context, undefined, 'must have exactly one of secret, configMap and emptyDir', 'write one of the three');
  });

export type Volume = Readonly<z.output<typeof Volume>>;

/** Volumes with distinct names and mount points. */
export const volumes = z.array(Volume).superRefine((given, context) => {
  for (const member of ['name', 'mountPath'] as const) {
    for (const [index, volume] of given.entries()) {
      if (given.findIndex((other) => other[member] === volume[member]) === index) continue;
      rule(context, undefined, 'is already used by another volume', 'give each its own', [String(index), member]);
    }
  }
});
