import { z } from 'zod';
import { label, objectName } from './fields';
import { quantityFault } from './quantity';
import { rule } from './schema-problems';

/** A place that the pod has already: see charts/pod-template.ts. */
export const ownVolume = { name: 'tmp', mountPath: '/tmp' } as const;

/** What an image or the system has there would be hidden, and neither starts without it. */
const taken = ['/', '/app', '/bin', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sys', '/usr', '/var', '/var/run'];

/** Why nothing may be mounted at a path; undefined when it may. */
export function mountFault(path: string): { readonly found: string; readonly fix: string } | undefined {
  const fix = 'write a folder of its own, such as /var/lib/cache';
  if (!/^(\/[\w@.-]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path))
    return path === '/'
      ? { found: 'would hide the whole image', fix }
      : { found: 'is not the full path of a folder', fix };
  if (path === ownVolume.mountPath || path.startsWith(`${ownVolume.mountPath}/`))
    return { found: `lies in ${ownVolume.mountPath}, which the pod has already`, fix };
  return taken.includes(path) ? { found: 'would hide what the image or the system has there', fix } : undefined;
}

/** Files beside the image: of a Secret or a ConfigMap that exists in the server's namespace, or an empty folder. */
export const Volume = z
  .strictObject({
    name: label.refine((name) => name !== ownVolume.name, 'is the name of the volume that is there already'),
    /** Where it is mounted. */
    mountPath: z.string().superRefine((path, context) => {
      const fault = mountFault(path);
      if (fault !== undefined) rule(context, undefined, fault.found, fault.fix);
    }),
    /**
     * Whether programs may only read it.
     * @default - true for a Secret or a ConfigMap, which nobody can write to; false for an empty folder
     */
    readOnly: z.boolean().optional(),
    /** The name of a Secret. */
    secret: objectName.optional(),
    /** The name of a ConfigMap. */
    configMap: objectName.optional(),
    /** An empty folder that lives as long as its pod: how much it may hold, such as `256Mi`. */
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
      rule(context, undefined, 'has not exactly one of secret, configMap and emptyDir', 'write one of the three');
  });

export type Volume = Readonly<z.output<typeof Volume>>;

/** Volumes with a name and a place of their own each. */
export const volumes = z.array(Volume).superRefine((given, context) => {
  for (const member of ['name', 'mountPath'] as const) {
    for (const [index, volume] of given.entries()) {
      if (given.findIndex((other) => other[member] === volume[member]) === index) continue;
      rule(context, undefined, 'is that of another volume', 'give each its own', [String(index), member]);
    }
  }
});
