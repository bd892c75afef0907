import type { RepositoryClass } from '../../electron/contract/index.ts';

/** What a client needs to know of a repository. */
export interface SnippetFacts {
  readonly key: string;
  readonly rclass: RepositoryClass;
  readonly packageType: string;
  /** address of the repository, as the cluster gives it out */
  readonly url: string;
  readonly user: string;
  /** whether something can be deployed to it */
  readonly takesUploads: boolean;
}

export interface Snippet { readonly label: string; readonly text: string }
/** One client's way to a repository. */
export interface ClientSetup { readonly client: string; readonly about: string; readonly snippets: readonly Snippet[] }

/** The ways in for every client that speaks the repository's format, then plain HTTP. Secrets come from the environment or are asked for: none is written down. */
export function setupsFor(facts: SnippetFacts): ClientSetup[] {
  const byType: Readonly<Record<string, (facts: SnippetFacts) => ClientSetup[]>> = { maven: mavenSetups, npm: npmSetups, pypi: pypiSetups, docker: imageSetups, oci: imageSetups, helmoci: (of) => [helmOciSetup(of)], helm: helmSetups };
  return [...byType[facts.packageType]?.(facts) ?? [], curlSetup(facts)];
}

/** `https://host/artifactory/key` → address of the context path. */
const root = ({ url, key }: SnippetFacts): string => url.replace(new RegExp(`/${key}/?$`), '');
const host = ({ url }: SnippetFacts): string => new URL(url).host;
const isPlain = ({ url }: SnippetFacts): boolean => url.startsWith('http:');
const when = (condition: boolean, ...snippets: Snippet[]): Snippet[] => (condition ? snippets : []);

function mavenSetups(facts: SnippetFacts): ClientSetup[] {
  const { url, key, user, takesUploads } = facts;
  return [
    { client: 'Maven', about: 'The token comes from the environment variable BULKHEAD_TOKEN.', snippets: [
      { label: '~/.m2/settings.xml', text: mavenSettings(facts) },
      ...when(takesUploads, { label: 'pom.xml, then: mvn deploy', text: ['<distributionManagement>', `  <repository><id>${key}</id><url>${url}</url></repository>`, `  <snapshotRepository><id>${key}</id><url>${url}</url></snapshotRepository>`, '</distributionManagement>'].join('\n') }),
    ] },
    { client: 'Gradle', about: 'build.gradle.kts; the token comes from the environment variable BULKHEAD_TOKEN.', snippets: [
      { label: 'Where dependencies come from', text: gradleRepositories(facts, '') },
      ...when(takesUploads, { label: 'Publishing, then: gradle publish', text: ['plugins { `maven-publish` }', 'publishing {', '  publications { create<MavenPublication>("library") { from(components["java"]) } }', gradleRepositories(facts, '  '), '}'].join('\n') }),
    ] },
    { client: 'Ivy', about: 'ivysettings.xml; give the token with -Dbulkhead.token=…', snippets: [
      { label: 'ivysettings.xml', text: [
        '<ivysettings>', `  <credentials host="${new URL(url).hostname}" realm="Bulkhead" username="${user}" passwd="\${bulkhead.token}"/>`, `  <settings defaultResolver="${key}"/>`, '  <resolvers>',
        `    <ibiblio name="${key}" m2compatible="true" root="${url}/"/>`, '  </resolvers>', '</ivysettings>',
      ].join('\n') },
      // the checksum files that Ivy puts beside a file are there as soon as the file is; whether files may be replaced is a matter of rights
      ...when(takesUploads, { label: 'build.xml, to publish', text: `<ivy:publish resolver="${key}" pubrevision="1.0" overwrite="true" artifactspattern="build/[artifact].[ext]"/>` }),
    ] },
  ];
}

/** Maven asks for no snapshots unless a repository says so, whatever stands in for it: hence the profile. */
function mavenSettings({ url, key, user }: SnippetFacts): string {
  const enabled = `<id>${key}</id><url>${url}</url><releases><enabled>true</enabled></releases><snapshots><enabled>true</enabled></snapshots>`;
  return [
    '<settings>', '  <servers>', `    <server><id>${key}</id><username>${user}</username><password>\${env.BULKHEAD_TOKEN}</password></server>`, '  </servers>',
    '  <mirrors>', `    <mirror><id>${key}</id><mirrorOf>*</mirrorOf><url>${url}</url></mirror>`, '  </mirrors>',
    '  <profiles>', '    <profile>', `      <id>${key}</id>`,
    `      <repositories><repository>${enabled}</repository></repositories>`,
    `      <pluginRepositories><pluginRepository>${enabled}</pluginRepository></pluginRepositories>`,
    '    </profile>', '  </profiles>', `  <activeProfiles><activeProfile>${key}</activeProfile></activeProfiles>`, '</settings>',
  ].join('\n');
}

function gradleRepositories(facts: SnippetFacts, indent: string): string {
  const { url, user } = facts;
  return [
    'repositories {', '  maven {', `    url = uri("${url}")`, ...(isPlain(facts) ? ['    isAllowInsecureProtocol = true'] : []),
    `    credentials { username = "${user}"; password = System.getenv("BULKHEAD_TOKEN") }`, '  }', '}',
  ].map((line) => indent + line).join('\n');
}

function npmSetups(facts: SnippetFacts): ClientSetup[] {
  const { key, takesUploads } = facts;
  const registry = `${root(facts)}/api/npm/${key}/`;
  return [{ client: 'npm', about: 'The same for pnpm and Yarn 1.', snippets: [
    { label: 'Log in, and use it', text: [`npm config set registry ${registry}`, `npm login --registry=${registry} --auth-type=legacy`].join('\n') },
    { label: '.npmrc of a project; the token comes from the environment', text: [`registry=${registry}`, `${registry.replace(/^https?:/, '')}:_authToken=\${BULKHEAD_TOKEN}`].join('\n') },
    ...when(takesUploads, { label: 'Publish', text: `npm publish --registry=${registry}` }),
  ] }, { client: 'Yarn 2+', about: 'It reads no .npmrc. The token comes from the environment variable BULKHEAD_TOKEN.', snippets: [
    { label: '.yarnrc.yml', text: [
      `npmRegistryServer: "${registry}"`, 'npmAlwaysAuth: true', 'npmAuthToken: "${BULKHEAD_TOKEN}"', ...(isPlain(facts) ? ['unsafeHttpWhitelist:', `  - "${new URL(facts.url).hostname}"`] : []),
    ].join('\n') },
    ...when(takesUploads, { label: 'Publish', text: 'yarn npm publish' }),
  ] }];
}

function pypiSetups(facts: SnippetFacts): ClientSetup[] {
  const { key, user, takesUploads } = facts;
  const base = `${root(facts)}/api/pypi/${key}`;
  const trusted = isPlain(facts) ? [`trusted-host = ${new URL(facts.url).hostname}`] : [];
  return [
    { client: 'pip', about: 'Credentials are read from ~/.netrc.', snippets: [
      { label: '~/.config/pip/pip.conf', text: ['[global]', `index-url = ${base}/simple`, ...trusted].join('\n') },
      { label: '~/.netrc', text: `machine ${new URL(facts.url).hostname} login ${user} password YOUR_TOKEN` },
    ] },
    ...(takesUploads ? [{ client: 'twine', about: 'It asks for the password, or takes it from TWINE_PASSWORD.', snippets: [
      { label: '~/.pypirc', text: ['[distutils]', `index-servers = ${key}`, '', `[${key}]`, `repository = ${base}`, `username = ${user}`].join('\n') },
      { label: 'Upload', text: `twine upload -r ${key} dist/*` },
    ] }] : []),
  ];
}

function imageSetups(facts: SnippetFacts): ClientSetup[] {
  const { key, user, takesUploads } = facts;
  const plain = isPlain(facts);
  const image = `${host(facts)}/${key}/hello:1.0`;
  const tls = plain ? ' --tls-verify=false' : '';
  const push = (tool: string): string[] => [`${tool} tag hello:1.0 ${image}`, `${tool} push${tool === 'podman' ? tls : ''} ${image}`];
  return [
    { client: 'docker', about: plain ? `The address is not https: add "${host(facts)}" to insecure-registries in /etc/docker/daemon.json first.` : 'It asks for the password; a token does as well.', snippets: [
      ...when(plain, { label: '/etc/docker/daemon.json', text: `{ "insecure-registries": ["${host(facts)}"] }` }),
      { label: 'Log in', text: `docker login -u ${user} ${host(facts)}` },
      ...when(takesUploads, { label: 'Push', text: push('docker').join('\n') }),
      { label: 'Pull', text: `docker pull ${image}` },
    ] },
    { client: 'podman', about: 'It asks for the password; a token does as well.', snippets: [
      { label: 'Log in', text: `podman login${tls} -u ${user} ${host(facts)}` },
      ...when(takesUploads, { label: 'Push', text: push('podman').join('\n') }),
      { label: 'Pull', text: `podman pull${tls} ${image}` },
    ] },
    { client: 'skopeo', about: 'Copies images without a daemon.', snippets: [
      { label: 'Log in', text: `skopeo login${tls} -u ${user} ${host(facts)}` },
      ...when(takesUploads, { label: 'Copy to it, every platform of an image', text: `skopeo copy --all${plain ? ' --dest-tls-verify=false' : ''} docker://SOURCE/hello:1.0 docker://${image}` }),
      { label: 'Copy from it', text: `skopeo copy --all${plain ? ' --src-tls-verify=false' : ''} docker://${image} dir:./hello` },
    ] },
    helmOciSetup(facts),
    orasSetup(facts),
  ];
}

function helmOciSetup(facts: SnippetFacts): ClientSetup {
  const { key, user, takesUploads } = facts;
  const plain = isPlain(facts) ? ' --plain-http' : '';
  return { client: 'Helm 3', about: 'Charts as OCI artifacts.', snippets: [
    { label: 'Log in', text: `helm registry login -u ${user}${plain} ${host(facts)}` },
    ...when(takesUploads, { label: 'Push', text: `helm push chart-1.0.0.tgz oci://${host(facts)}/${key}${plain}` }),
    { label: 'Pull', text: `helm pull oci://${host(facts)}/${key}/chart --version 1.0.0${plain}` },
  ] };
}

function orasSetup(facts: SnippetFacts): ClientSetup {
  const { key, user, takesUploads } = facts;
  const plain = isPlain(facts) ? ' --plain-http' : '';
  const artifact = `${host(facts)}/${key}/notes:1.0`;
  return { client: 'ORAS', about: 'Any files as an artifact. It asks for the password; a token does as well.', snippets: [
    { label: 'Log in', text: `oras login${plain} -u ${user} ${host(facts)}` },
    ...when(takesUploads, { label: 'Push', text: `oras push${plain} ${artifact} notes.txt:text/plain` }),
    { label: 'Pull', text: `oras pull${plain} ${artifact}` },
  ] };
}

function helmSetups(facts: SnippetFacts): ClientSetup[] {
  const { key, user, url, takesUploads } = facts;
  const repository = `${root(facts)}/api/helm/${key}`;
  return [{ client: 'Helm', about: 'It asks for the password; a token does as well.', snippets: [
    { label: 'Add the repository', text: [`helm repo add ${key} ${repository} --username ${user}`, `helm install my-release ${key}/chart`].join('\n') },
    ...when(takesUploads, { label: 'Put a chart into it', text: `curl -fu ${user} -T chart-1.0.0.tgz ${url}/` }),
  ] }];
}

function curlSetup({ url, user, rclass, takesUploads }: SnippetFacts): ClientSetup {
  return { client: 'curl', about: 'It asks for the password; -H "Authorization: Bearer TOKEN" does as well.', snippets: [
    ...when(takesUploads, { label: 'Upload', text: `curl -fu ${user} -T app.tar.gz ${url}/app/1.0/app.tar.gz` }),
    { label: 'Download', text: `curl -fu ${user} -O ${url}/app/1.0/app.tar.gz` },
    // a virtual repository passes on what is put into it, and nothing else
    ...when(takesUploads && rclass === 'local', { label: 'Delete', text: `curl -fu ${user} -X DELETE ${url}/app/1.0/app.tar.gz` }),
  ] };
}
