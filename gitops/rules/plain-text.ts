import { unplain } from '../../model/plain';
import { type ObjectCheck, objectProblem } from './check';

/** Nothing in an object that YAML readers, Helm or Flux's substitution would change on the way to the cluster. */
export const plainText: ObjectCheck = (object, file) =>
  Object.entries(object)
    .flatMap(([key, value]) => unplain(value, key))
    .map(({ code, path, found, fix }) => objectProblem(code, { object, file, path }, `cannot stay: ${found}`, fix));
