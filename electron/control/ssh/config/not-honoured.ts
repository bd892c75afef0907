/** Why a directive of ssh_config changes nothing here; those that are honoured are not listed. */
export function whyNotHonoured(keyword: string): string | null {
  if (honoured.has(keyword)) return null;
  return reasons.get(keyword) ?? 'it is not known here';
}

const honoured = new Set(['host', 'match', 'include', 'hostname', 'port', 'user', 'identityfile', 'identityagent', 'identitiesonly', 'proxyjump', 'hostkeyalias']);

const groups: readonly (readonly [string, string])[] = [
  ['proxycommand proxyusefdpass', 'no command of this machine is run to reach a host'],
  ['certificatefile pkcs11provider securitykeyprovider gssapiauthentication gssapidelegatecredentials gssapikeyexchange gssapirenewalforcesrekey gssapitrustdns gssapiclientidentity gssapiserveridentity hostbasedauthentication hostbasedacceptedalgorithms enablesshkeysign',
    'this way to sign in is not there'],
  ['pubkeyauthentication passwordauthentication kbdinteractiveauthentication challengeresponseauthentication kbdinteractivedevices preferredauthentications numberofpasswordprompts batchmode',
    'how to sign in is chosen for each host in the app'],
  ['userknownhostsfile globalknownhostsfile knownhostscommand revokedhostkeys', 'keys of hosts are looked up in ~/.ssh/known_hosts, in that of the system and in the app\'s own, and nowhere else'],
  ['stricthostkeychecking checkhostip verifyhostkeydns updatehostkeys hashknownhosts nohostauthenticationforlocalhost casignaturealgorithms', 'keys of hosts are always verified, and trusted by a person only'],
  ['ciphers macs kexalgorithms hostkeyalgorithms pubkeyacceptedalgorithms pubkeyacceptedkeytypes hostkeyalgorithm requiredrsasize fingerprinthash', 'the app offers a list of algorithms of its own'],
  ['canonicalizehostname canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames', 'names are not canonicalized'],
  ['forwardagent forwardx11 forwardx11timeout forwardx11trusted localforward remoteforward dynamicforward permitremoteopen gatewayports clearallforwardings exitonforwardfailure tunnel tunneldevice streamlocalbindmask streamlocalbindunlink xauthlocation',
    'no such forwarding is opened'],
  ['controlmaster controlpath controlpersist', 'connections are not shared with other programs'],
  ['bindaddress bindinterface addressfamily ipqos', 'the operating system chooses'],
  ['sendenv setenv remotecommand requesttty sessiontype stdinnull forkafterauthentication localcommand permitlocalcommand', 'commands run without it'],
  ['compression connecttimeout connectionattempts serveralivecountmax serveraliveinterval tcpkeepalive rekeylimit obscurekeystroketiming channeltimeout', 'the app has a setting of its own'],
  ['addkeystoagent usekeychain ignoreunknown loglevel logverbose syslogfacility visualhostkey escapechar enableescapecommandline tag warnweakcrypto refuseconnection versionaddendum', 'it has no meaning here'],
];
const reasons = new Map(groups.flatMap(([keywords, why]) => keywords.split(' ').map((keyword) => [keyword, why] as const)));
