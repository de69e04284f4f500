// Generates the codecs of src/wire/*.proto. What protons writes does not follow this project's compiler options (namespaces, optional
// properties), so the type check is switched off inside the generated files; their declared types are checked where they are used.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Without protons' third codec, which gives a message field by field: nothing here reads so, and every page would load it.
 * Seen in protons 8.1.1.
 */
function withoutStreaming(text) {
  return text
    .replace(
      /, function \* \(reader, length, prefix, opts = \{\}\) \{[\s\S]*?\n *\}\)(?=\n *\}\n\n *return _codec)/g,
      ')'
    )
    .replaceAll(/^ *export interface \w+FieldEvent \{[\s\S]*?^ *\}\n\n/gm, '')
    .replaceAll(/\n\n *export function stream \(.*\n.*\n *\}/g, '')
    .replace(', streamMessage ', ' ')
}

const protos = readdirSync('src/wire').filter(name => name.endsWith('.proto'))
for (const proto of protos) {
  execFileSync('node_modules/.bin/protons', [`src/wire/${proto}`], { stdio: 'inherit' })
  const file = `src/wire/${proto.replace(/\.proto$/, '.ts')}`
  writeFileSync(
    file,
    `// @ts-nocheck generated from ${proto} by \`npm run generate\`\n${withoutStreaming(readFileSync(file, 'utf8'))}`
  )
}
