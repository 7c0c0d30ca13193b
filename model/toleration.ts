import { z } from 'zod';
import { labelsRule } from './labels';
import { rule } from './schema-problems';

const Toleration = z
  .strictObject({
    /**
     * The key of the taint.
     * @default - every taint; needs the operator Exists
     */
    key: z.string().min(1).exactOptional(),
    /** @default - Equal */
    operator: z.enum(['Equal', 'Exists']).exactOptional(),
    /** @default - an empty string */
    value: z.string().exactOptional(),
    /** @default - every effect */
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).exactOptional(),
    /**
     * How long a pod stays on a node after the taint is added.
     * @default - forever
     */
    tolerationSeconds: z.int().exactOptional(),
  })
  .superRefine(({ key, operator = 'Equal', value, effect, tolerationSeconds }, context) => {
    // The same rules as the API server's (ValidateTolerations, Kubernetes 1.36.3).
    if (key === undefined && operator !== 'Exists')
      rule(context, undefined, 'has no key', "name the taint's key; or write operator: 'Exists' for every taint");
    if (operator === 'Exists' && value !== undefined)
      rule(context, undefined, 'cannot be combined with the operator Exists', 'remove one of the two', ['value']);
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      rule(context, undefined, 'needs the effect NoExecute', 'write that effect, or remove it', ['tolerationSeconds']);
    if (key !== undefined) labelsRule({ [key]: value ?? '' }, context);
  });

/** Kubernetes tolerations. */
export const tolerations = z.array(Toleration);
