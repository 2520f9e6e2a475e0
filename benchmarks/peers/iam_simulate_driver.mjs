// Drives @cloud-copilot/iam-simulate by its public functions, in the same way as serving.py does the others.
// It is run from the folder into which npm installed the package: `node iam_simulate_driver.mjs FUNCTION`.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const calls = {
  runSimulation: async (simulation) => {
    const done = await runSimulation(simulation, {})
    if (done.resultType === 'error') throw new Error(JSON.stringify(done.errors))
    return done.overallResult === 'Allowed'
  },
  runUnsafeSimulation: (simulation) => runUnsafeSimulation(simulation, {}) === 'Allowed'
}
const call = calls[process.argv[2]]
const waits = process.argv[2] === 'runSimulation'
const named = (documents) => documents.map((policy, index) => ({ name: `p${index}`, policy }))
const levels = (given) =>
  given.map((documents, index) => ({ orgIdentifier: `ou-${index}`, policies: named(documents) }))
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

// RCPFullAWSAccess, the only RCP that allows, is implied there and refused when given.
const denials = (given) =>
  given.map((documents) => documents.filter((one) => one.Statement.some((each) => each.Effect === 'Deny')))

// SCPs must be told; without any, its answer is that the organization allows nothing.
const simulation = (policies, request) => ({
  request: {
    principal: request.principal,
    action: request.action,
    resource: { resource: request.resource, accountId: request.resource_account ?? request.principal.split(':')[4] },
    contextVariables: request.context ?? {}
  },
  identityPolicies: named(policies.identity),
  serviceControlPolicies: levels(policies.scp ?? [[everything]]),
  resourceControlPolicies: levels(denials(policies.rcp ?? [])),
  ...(policies.resource && { resourcePolicy: policies.resource }),
  ...(policies.session && { sessionPolicy: policies.session[0] }),
  ...(policies.boundary && { permissionBoundaryPolicies: named([policies.boundary]) }),
  ...(policies.endpoint && { vpcEndpointPolicies: named([policies.endpoint]) })
})

let ready = {}
async function answer(asked) {
  if (asked.load) {
    const { policies, allowed, denied } = JSON.parse(readFileSync(asked.load, 'utf8'))
    ready = { allowed: simulation(policies, allowed), denied: denied && simulation(policies, denied) }
    return { loaded: true }
  }
  if (asked.answer) return { allowed: await call(ready[asked.answer]) }
  const start = process.hrtime.bigint()
  for (let done = 0; done < asked.times; done++) {
    if (waits) await call(ready.allowed)
    else call(ready.allowed)
  }
  return { nanoseconds: Number(process.hrtime.bigint() - start) }
}

const about = JSON.parse(readFileSync('node_modules/@cloud-copilot/iam-simulate/package.json', 'utf8'))
console.log(JSON.stringify({ version: about.version }))
for await (const line of createInterface({ input: process.stdin })) {
  let found
  try {
    found = await answer(JSON.parse(line))
  } catch (error) {
    found = { cannot: `fails: ${String(error.message).slice(0, 60)}` }
  }
  console.log(JSON.stringify(found))
}
