/**
 * What git is told at every call, so that no configuration changes an answer: of the settings that git-config(1) of
 * 2.39 to 2.50 lists, those that the commands in use obey, each with git's own default or the value that has no effect.
 * Not here: who commits and signs, line ends and filters, which the files of a checkout were written with.
 */
export const settings: Readonly<Record<string, string>> = {
  // How answers are written.
  'core.quotePath': 'false',
  'core.abbrev': 'auto',
  'i18n.commitEncoding': 'UTF-8',
  'i18n.logOutputEncoding': 'UTF-8',
  'color.ui': 'false',
  'color.diff': 'false',
  'color.grep': 'false',
  'color.status': 'false',
  // What is looked at, and what is said of it.
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
  // What is refused: a check for those who edit files, and our files have the line ends that they shall have.
  'core.safecrlf': 'false',
  // What is sent and fetched beside what was asked for.
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
