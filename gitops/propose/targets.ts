import { workspaceOf } from '../../model/dns';
import type { Platform } from '../../model/platform';

/** One folder of one target repository, as a workflow delivers to it. */
export interface DeliveryTarget {
  readonly platform: string;
  /** The option of `deliver` that names its checkout. */
  readonly option: '--to' | '--dns-to';
  readonly repository: string;
  /** The branch that is proposed there. */
  readonly branch: string;
  /** The name of the secret with the token for the repository. */
  readonly secret: string;
}

/** Where the servers of a platform are delivered to: a pull request of its own in each place. */
export function deliveryTargets(declared: Platform): readonly DeliveryTarget[] {
  const { name: platform, tool, gitops } = declared;
  const dns = workspaceOf(declared);
  const targetOf = (option: DeliveryTarget['option'], repository: string, branch: string) => {
    return { platform, option, repository, branch: `${tool}/${branch}`, secret: secretOf(repository) };
  };
  return [
    targetOf('--to', gitops.repository, `deliver-${platform}`),
    ...(dns === undefined ? [] : [targetOf('--dns-to', dns.repository, `deliver-${platform}-dns`)]),
  ];
}

/** The secret with the token for a repository: `my-fleet` is `DELIVER_TOKEN_MY_FLEET`. */
function secretOf(repository: string): string {
  return `DELIVER_TOKEN_${repository.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}
