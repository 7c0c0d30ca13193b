import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Checkout, openCheckout, type Target, unnamed } from '../deliver/checkout';
import { targetsOf } from '../deliver/prepare';

/** A checkout from the command line, as a target of one platform. */
export interface Opened {
  readonly target: Target;
  readonly checkout: Checkout;
  readonly platform: Platform;
}

/** The checkouts by platform, and a warning for each that is known neither by a remote nor by its folder. */
export interface Targets {
  readonly opened: readonly Opened[];
  readonly problems: readonly Problem[];
}

/**
 * Assigns each checkout to the platforms that name its repository, by the rule of `deliver`. A checkout without a known name
 * counts where only one repository is possible. If two checkouts match one platform, status reads the first with a known name.
 * @throws Problems TARGET-PATH or TARGET-GIT for a checkout that matches no platform, or could match several repositories
 */
export function openTargets(
  root: string,
  platforms: readonly Platform[],
  folders: { readonly to: readonly string[]; readonly dnsTo: readonly string[] },
): Targets {
  const asked = [...folders.to.map((to) => ({ to })), ...folders.dnsTo.map((dnsTo) => ({ dnsTo }))];
  const all = asked.map((options) => chosen(platforms.flatMap((platform) => attempts(root, platform, options))));
  const problems = all.flatMap((each) => each.problems);
  stopOnErrors(problems);
  const opened = all.flatMap((each) => each.opened);
  const isNamed = ({ checkout }: Opened) => checkout.isNamed;
  return { opened: [...opened.filter(isNamed), ...opened.filter((each) => !isNamed(each))], problems };
}

/** The platforms of one checkout. */
function chosen(tried: readonly (Opened | Problem)[]): Targets {
  const opened = tried.filter((each): each is Opened => !(each instanceof Problem));
  const [first] = opened;
  if (first === undefined) return { opened, problems: tried.filter((each) => each instanceof Problem).slice(0, 1) };
  const named = opened.filter(({ checkout }) => checkout.isNamed);
  if (named.length > 0) return { opened: named, problems: [] };
  const repositories = [...new Set(opened.map(({ target }) => target.repository))];
  const level = repositories.length === 1 ? 'warning' : 'error';
  return { opened, problems: [unnamed(first.target, repositories).as(level)] };
}

function attempts(
  root: string,
  platform: Platform,
  options: Parameters<typeof targetsOf>[1],
): readonly (Opened | Problem)[] {
  try {
    const targets = targetsOf(platform, options);
    return targets.map((target) => ({ target, platform, checkout: openCheckout(target, root) }));
  } catch (error) {
    if (error instanceof Problem) return [error];
    throw error;
  }
}
