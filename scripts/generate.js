// Generates the codecs of src/wire/*.proto. What protons writes does not follow this project's compiler options (namespaces, optional
// properties), so the type check is switched off inside the generated files; their declared types are checked where they are used.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const protos = readdirSync('src/wire').filter(name => name.endsWith('.proto'))
for (const proto of protos) {
  execFileSync('node_modules/.bin/protons', [`src/wire/${proto}`], { stdio: 'inherit' })
  const file = `src/wire/${proto.replace(/\.proto$/, '.ts')}`
  writeFileSync(
    file,
    `// @ts-nocheck generated from ${proto} by \`npm run generate\`\n${readFileSync(file, 'utf8')}`
  )
}
