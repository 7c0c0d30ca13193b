import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { type CatalogueTool, differences, isNamed, list, wholeNameOf } from './catalogue';
import { passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

/**
 * The tools of this repository, or those the caller named, and no others: what ties a running server to its folder. Also
 * that the catalogue agrees with itself and with health.
 */
export const hasExpectedTools: Step = {
  name: 'tools',
  title: 'tools are the expected set',
  needs: ['token'],
  run(target, { catalogue = [], toolCount }) {
    const { name, expectedTools } = target;
    const names = catalogue.map((tool) => tool.name);
    const found = [...inconsistencies(names, toolCount), ...unexpectedTools(target, catalogue)];
    if (found.length > 0) {
      throw new Problem('TOOLS-DIFFER', `The tools of ${name} are not the expected ones: ${found.join('; ')}`, {
        path: urlOf(target, contract.paths.tools).href,
        fix: `see which image runs: npm run verify -- ${name} --kubectl; during a rollout pods of two versions answer in turn: --wait 5m`,
      });
    }
    if (expectedTools !== undefined) return passed(list(names));
    return skipped(`not checked: the image is built elsewhere; compare with --expect ${names.join(',')}`, false);
  },
};

function inconsistencies(names: readonly string[], toolCount: number | undefined): readonly string[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    toolCount !== names.length && `health counts ${toolCount}, the catalogue has ${names.length}`,
    twice.length > 0 && `twice: ${twice.join(', ')}`,
    names.length === 0 && 'there are none',
  ].filter((text) => text !== false);
}

function unexpectedTools(
  { expectedTools, expectedVersion }: Target,
  catalogue: readonly CatalogueTool[],
): readonly string[] {
  if (expectedTools === undefined) return [];
  const wanted = expectedTools.map((name) => {
    const tool = catalogue.find((candidate) => isNamed(candidate, name));
    return tool === undefined ? name : wholeNameOf(tool);
  });
  const versions = new Set(catalogue.map(({ toolkit }) => toolkit.version ?? 'none'));
  const others = [...versions].filter((version) => expectedVersion !== undefined && version !== expectedVersion);
  return [
    ...differences(wanted, catalogue.map(wholeNameOf)),
    ...others.map((version) => `version ${version} instead of ${expectedVersion}`),
  ];
}
