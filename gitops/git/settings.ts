/**
 * Settings passed with every call, so that no configuration changes the output: those in git-config(1) of 2.39 to 2.50 that
 * affect the commands in use, with git's default or a neutral value. Identity, signing, line endings and filters are not
 * overridden, because the files of a checkout were written with them.
 */
export const settings: Readonly<Record<string, string>> = {
  // Output format.
  'core.quotePath': 'false',
  'core.abbrev': 'auto',
  'i18n.commitEncoding': 'UTF-8',
  'i18n.logOutputEncoding': 'UTF-8',
  'color.ui': 'false',
  'color.diff': 'false',
  'color.grep': 'false',
  'color.status': 'false',
  // What is inspected and reported.
  'core.fsmonitor': 'false',
  'submodule.recurse': 'false',
  'status.branch': 'false',
  'status.showStash': 'false',
  'status.submoduleSummary': 'false',
  'diff.ignoreSubmodules': 'none',
  'diff.relative': 'false',
  'grep.fallbackToNoIndex': 'false',
  'grep.fullName': 'false',
  'log.follow': 'false',
  'log.showRoot': 'true',
  'log.showSignature': 'false',
  'merge.directoryRenames': 'conflict',
  'merge.renames': 'true',
  'merge.renormalize': 'false',
  // A safety check for people who edit files; our files already have the right line endings.
  'core.safecrlf': 'false',
  // Clone, fetch and push.
  'clone.defaultRemoteName': 'origin',
  'clone.rejectShallow': 'false',
  'fetch.prune': 'false',
  'fetch.pruneTags': 'false',
  'fetch.recurseSubmodules': 'false',
  'push.followTags': 'false',
  'push.gpgSign': 'false',
  'push.pushOption': '',
  'push.recurseSubmodules': 'no',
};
