/** One upload that a person can paste into a shell; curl asks for the password itself. */
export function curlUpload(balancer: string, user: string): string {
  return [
    'echo "hello" > hello.txt',
    `curl -u ${user} -T hello.txt ${balancer}/artifactory/generic-local/hello.txt`,
    `curl -u ${user} ${balancer}/artifactory/generic-local/hello.txt`,
  ].join('\n');
}

/** A settings.xml for Maven. The password comes from the environment, so that the file holds no secret. */
export function mavenSettings(balancer: string, user: string): string {
  const server = (id: string): string => `    <server><id>${id}</id><username>${user}</username><password>\${env.BULKHEAD_PASSWORD}</password></server>`;
  return [
    '<settings>',
    '  <servers>',
    server('bulkhead'),
    server('bulkhead-snapshots'),
    '  </servers>',
    '</settings>',
    '',
    '<!-- pom.xml -->',
    '<distributionManagement>',
    `  <repository><id>bulkhead</id><url>${balancer}/artifactory/maven-releases</url></repository>`,
    `  <snapshotRepository><id>bulkhead-snapshots</id><url>${balancer}/artifactory/maven-snapshots</url></snapshotRepository>`,
    '</distributionManagement>',
  ].join('\n');
}
