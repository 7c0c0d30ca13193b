import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { brief } from '../tools/tools-file';
import { type CatalogueTool, differences, isNamed, list, qualifiedNameOf } from './catalogue';
import { firstFew, jsonDiff } from './json-diff';
import { passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

/**
 * Compares the catalogue with the tools in the server's folder, or with those the caller named, so that the running server
 * is the one declared here. Also checks that the catalogue agrees with itself and with health.
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
        fix: causeOf(target, catalogue),
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

function unexpectedTools({ expectedTools, sources }: Target, catalogue: readonly CatalogueTool[]): readonly string[] {
  if (expectedTools === undefined) return [];
  const wanted = expectedTools.map((name) => {
    const tool = catalogue.find((candidate) => isNamed(candidate, name));
    return tool === undefined ? name : qualifiedNameOf(tool);
  });
  const versions = new Set(catalogue.map(({ toolkit }) => toolkit.version ?? 'none'));
  const declared = sources?.toolkit.version;
  const others = [...versions].filter((version) => declared !== undefined && version !== declared);
  const changed = definitionDifferences(catalogue, sources);
  return [
    ...differences(wanted, catalogue.map(qualifiedNameOf)),
    ...others.map((version) => `version ${version} instead of ${declared}`),
    ...(changed.length > 0 ? [`definitions differ: ${firstFew(changed)}`] : []),
  ];
}

/** How the tools that both have differ from the sources, schemas included. */
function definitionDifferences(catalogue: readonly CatalogueTool[], sources: Target['sources']): readonly string[] {
  return catalogue.flatMap((tool) => {
    const wanted = sources?.tools.find(({ name }) => `${sources.toolkit.name}.${name}` === qualifiedNameOf(tool));
    if (wanted === undefined) return [];
    const [declared, found] = [wanted.engine, { ...tool.raw }].map((engine) => brief({ engine }).engine);
    return jsonDiff(declared, found, tool.name);
  });
}

/** The most likely cause of the difference, and what to do about it. */
function causeOf({ args, url, sources }: Target, catalogue: readonly CatalogueTool[]): string {
  const which = `npm run verify -- ${args} --kubectl shows which image runs`;
  const rollout = 'during a rollout, pods of both versions answer: --wait 5m';
  if (sources === undefined || catalogue.length === 0) return `${which}; ${rollout}`;
  const { name: toolkit, version } = sources.toolkit;
  if (catalogue.every((tool) => tool.toolkit.name !== toolkit))
    return `another server answers at ${url.host}: check where the name and its ingress lead; ${which}`;
  if (catalogue.some((tool) => tool.toolkit.version !== version))
    return `the running image is not the declared one, but an older one unless this checkout is behind; ${which}; ${rollout}`;
  return `the image was built from other sources of the same version: rebuild it, and raise version with every change; ${which}`;
}
