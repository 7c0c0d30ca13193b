import { workspaceOf } from '../../model/dns';
import type { Platform } from '../../model/platform';

/** One folder of one target repository for a workflow to deliver to. */
export interface DeliveryTarget {
  readonly platform: string;
  /** The option of `deliver` that names its checkout. */
  readonly option: '--to' | '--dns-to';
  readonly repository: string;
  /** The branch of the pull request. */
  readonly branch: string;
  /** The name of the secret with the token for the repository. */
  readonly secret: string;
}

/** The targets of a platform; each gets its own pull request. */
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
