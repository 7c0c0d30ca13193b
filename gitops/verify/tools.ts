import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { brief } from '../tools/tools-file';
import { type CatalogueTool, differences, isNamed, list, wholeNameOf } from './catalogue';
import { firstFew, jsonDiff } from './json-diff';
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
    return tool === undefined ? name : wholeNameOf(tool);
  });
  const versions = new Set(catalogue.map(({ toolkit }) => toolkit.version ?? 'none'));
  const declared = sources?.toolkit.version;
  const others = [...versions].filter((version) => declared !== undefined && version !== declared);
  const entries = otherEntries(catalogue, sources);
  return [
    ...differences(wanted, catalogue.map(wholeNameOf)),
    ...others.map((version) => `version ${version} instead of ${declared}`),
    ...(entries.length > 0 ? [`they are described otherwise: ${firstFew(entries)}`] : []),
  ];
}

/** How the entries of tools that both have differ from what the sources say, schemas included. */
function otherEntries(catalogue: readonly CatalogueTool[], sources: Target['sources']): readonly string[] {
  return catalogue.flatMap((tool) => {
    const wanted = sources?.tools.find(({ name }) => `${sources.toolkit.name}.${name}` === wholeNameOf(tool));
    if (wanted === undefined) return [];
    const [declared, found] = [wanted.engine, { ...tool.whole }].map((engine) => brief({ engine }).engine);
    return jsonDiff(declared, found, tool.name);
  });
}

/** What most likely makes the tools differ, and what to do about it. */
function causeOf({ words, url, sources }: Target, catalogue: readonly CatalogueTool[]): string {
  const which = `npm run verify -- ${words} --kubectl shows which image runs`;
  const rollout = 'during a rollout pods of two versions answer in turn: --wait 5m';
  if (sources === undefined || catalogue.length === 0) return `${which}; ${rollout}`;
  const { name: toolkit, version } = sources.toolkit;
  if (catalogue.every((tool) => tool.toolkit.name !== toolkit))
    return `another server answers at ${url.host}: see where the name and its ingress lead; ${which}`;
  if (catalogue.some((tool) => tool.toolkit.version !== version))
    return `another image runs than is declared here, an older one unless this checkout is behind; ${which}; ${rollout}`;
  return `the image was built from other sources of the same version: build it anew, and raise version with what changes; ${which}`;
}
