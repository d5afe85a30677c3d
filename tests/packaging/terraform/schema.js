// SPDX-License-Identifier: MIT
// Holds Terraform files against the AWS provider's schema, as typed in npm's @cdktf/provider-aws, and against themselves:
// what modules are given, what they declare, what is referred to. For machines on which no provider can be installed;
// where one can, terraform validate does this and more.
//
// usage: node schema.js FOLDER [--self]     FOLDER holds modules/ and examples/; NODE_PATH leads to the packages
// Says each fault in a line, and exits with 1. --self plants faults, and fails if one of them is not found.
"use strict";

const fs = require("fs");
const path = require("path");
const { parse } = require("@cdktf/hcl2json");

const library = path.join(path.dirname(require.resolve("@cdktf/provider-aws/package.json")), "lib");
const metaArguments = new Set(["count", "for_each", "provider", "depends_on", "lifecycle", "dynamic"]);
// The one resource of another provider: hashicorp/random has no such package.
const otherProviders = {
    random_password: { arguments: ["length", "special", "override_special"], required: ["length"], attributes: ["result"] },
};

// ---- the provider's schema

const schemas = new Map();

// { root, structs: name → Map(argument → {required, type, isMany, struct, isBlock}), attributes: Set } or null
function schemaOf(kind, type) {
    const key = `${kind}.${type}`;
    if (!schemas.has(key))
        schemas.set(key, type.startsWith("aws_") ? readTypes(kind, type.slice(4)) : readOther(type));
    return schemas.get(key);
}

function readOther(type) {
    const other = otherProviders[type];
    if (!other)
        return null;
    const entries = other.arguments.map(name => [name, { required: other.required.includes(name), type: "any" }]);
    return { root: "root", structs: new Map([["root", new Map(entries)]]),
             attributes: new Set([...other.arguments, ...other.attributes]) };
}

function readTypes(kind, name) {
    const folder = path.join(library, (kind === "data" ? "data-aws-" : "") + name.replaceAll("_", "-"));
    if (!fs.existsSync(path.join(folder, "index.d.ts")))
        return null;
    const text = fs.readFileSync(path.join(folder, "index.d.ts"), "utf8");
    const structs = new Map();
    let root = null;
    for (const [, struct, heritage, body] of text.matchAll(/^export interface (\w+)([^{]*)\{\n(.*?)^\}/gms)) {
        if (heritage.includes("TerraformMetaArguments"))
            root = struct;
        structs.set(struct, readStruct(body));
    }
    const resource = text.slice(text.search(/^export declare class \w+ extends cdktf\.Terraform(Resource|DataSource)/m));
    const attributes = new Set([...resource.matchAll(/^ {4}get (\w+)\(\)/gm)].map(match => match[1].toLowerCase()));
    return { root, structs, attributes };
}

function readStruct(body) {
    const property = /\/\*\*(.*?)\*\/\s*readonly \w+(\??): (\{.*?\}|[^;]+);/gs;
    const struct = new Map();
    for (const [, comment, optional, type] of body.matchAll(property)) {
        const name = comment.match(/#(\w+) \w+#/)[1];
        const plain = type.replace(" | cdktf.IResolvable", "").trim();
        struct.set(name, {
            required: optional === "",
            type: plain.startsWith("{") ? "map" : plain.replace("[]", ""),
            isMany: plain.endsWith("[]"),
            isBlock: new RegExp(`^\\s*\\* ${name} block$`, "m").test(comment),
        });
    }
    return struct;
}

// ---- a module's files

async function readModule(folder) {
    const module = { folder, variable: {}, output: {}, local: {}, module: {}, resource: {}, data: {}, text: "" };
    for (const file of fs.readdirSync(folder).filter(name => name.endsWith(".tf")).sort()) {
        const text = fs.readFileSync(path.join(folder, file), "utf8");
        const json = await parse(file, text);
        module.text += text;
        for (const kind of ["variable", "output", "module"])
            for (const [name, [content]] of Object.entries(json[kind] ?? {}))
                module[kind][name] = content;
        for (const locals of json.locals ?? [])
            Object.assign(module.local, locals);
        for (const kind of ["resource", "data"])
            for (const [type, all] of Object.entries(json[kind] ?? {}))
                for (const [name, [content]] of Object.entries(all))
                    (module[kind][type] ??= {})[name] = content;
        module.providers = { ...module.providers, ...json.terraform?.[0]?.required_providers?.[0] };
    }
    return module;
}

// ---- the checks

const isExpression = value => typeof value === "string" && value.includes("${");

class Checker {
    constructor() {
        this.faults = [];
        this.count = 0;
    }

    fault(where, text) {
        this.faults.push(`${where}: ${text}`);
    }

    check(module, others) {
        for (const kind of ["resource", "data"])
            for (const [type, all] of Object.entries(module[kind]))
                for (const [name, content] of Object.entries(all))
                    this.checkResource(`${module.folder} ${kind} ${type}.${name}`, kind, type, content);
        this.checkReferences(module, others);
        this.checkCalls(module, others);
        this.checkDeclarations(module);
    }

    checkResource(where, kind, type, content) {
        const schema = schemaOf(kind, type);
        if (!schema)
            return this.fault(where, `the provider has no ${kind} "${type}"`);
        ++this.count;
        const own = Object.fromEntries(Object.entries(content).filter(([name]) => !metaArguments.has(name)));
        this.checkStruct(where, schema, schema.root, own, content.dynamic ?? {});
    }

    checkStruct(where, schema, structName, content, dynamic) {
        const struct = schema.structs.get(structName);
        for (const [name, declared] of struct)
            if (declared.required && content[name] === undefined && dynamic[name] === undefined)
                this.fault(where, `"${name}" is missing`);
        for (const [name, value] of Object.entries(content))
            if (name !== "dynamic")
                this.checkArgument(where, schema, struct, name, value);
        for (const [name, [block]] of Object.entries(dynamic))
            this.checkArgument(where, schema, struct, name, block.content);
    }

    checkArgument(where, schema, struct, name, value) {
        const declared = struct.get(name);
        if (!declared) {
            const home = [...schema.structs].find(([, other]) => other.has(name));
            return this.fault(where, `unknown "${name}"${home ? `; it belongs into ${home[0]}` : ""}`);
        }
        if (schema.structs.has(declared.type)) {
            if (isExpression(value) && !declared.isBlock)
                return;
            const blocks = Array.isArray(value) ? value : [value];
            if (declared.isBlock && (!Array.isArray(value) || blocks.some(block => typeof block !== "object")))
                return this.fault(where, `"${name}" is a block, and is given as an argument`);
            if (!declared.isMany && blocks.length > 1)
                return this.fault(where, `"${name}" is there ${blocks.length} times, and may be there once`);
            for (const block of blocks)
                this.checkStruct(`${where} ${name}`, schema, declared.type, block, block.dynamic ?? {});
            return;
        }
        if (isExpression(value) || declared.type === "any")
            return;
        const fits = declared.isMany ? Array.isArray(value) && value.every(each => typeof each !== "object")
            : declared.type === "map" ? typeof value === "object" && !Array.isArray(value)
            : declared.type === "number" ? value !== "" && !isNaN(value) && typeof value !== "boolean" && !Array.isArray(value)
            : declared.type === "boolean" ? typeof value === "boolean"
            : typeof value !== "object" || value === null;
        if (!fits)
            this.fault(where, `"${name}" takes ${declared.type}${declared.isMany ? "[]" : ""}, and is ${JSON.stringify(value)}`);
    }

    // What expressions name must be there, with the attribute that they want.
    checkReferences(module, others) {
        const code = module.text.replace(/^\s*#.*$/gm, "");
        const fault = text => this.fault(module.folder, text);
        for (const [, name] of code.matchAll(/(?<![\w.])var\.(\w+)/g))
            module.variable[name] || fault(`there is no variable "${name}"`);
        for (const [, name] of code.matchAll(/(?<![\w.])local\.(\w+)/g))
            name in module.local || fault(`there is no local "${name}"`);
        for (const [, name, output] of code.matchAll(/(?<![\w.])module\.(\w+)\.(\w+)/g)) {
            const called = module.module[name] && others.get(path.join(module.folder, module.module[name].source));
            if (!called)
                fault(`there is no module "${name}"`);
            else if (!called.output[output])
                fault(`module "${name}" has no output "${output}"`);
        }
        const reference = /(?<![\w."-])(data\.)?((?:aws|random)_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g;
        for (const [whole, isData, type, name, attribute] of code.matchAll(reference)) {
            const kind = isData ? "data" : "resource";
            if (!module[kind][type]?.[name])
                fault(`${whole}: there is no such ${kind}`);
            else if (attribute && !schemaOf(kind, type)?.attributes.has(attribute.replaceAll("_", "").toLowerCase()))
                fault(`${whole}: ${type} has no attribute "${attribute}"`);
        }
    }

    checkCalls(module, others) {
        for (const [name, call] of Object.entries(module.module)) {
            const called = others.get(path.join(module.folder, call.source));
            if (!called) {
                this.fault(module.folder, `module "${name}": there is nothing at ${call.source}`);
                continue;
            }
            for (const argument of Object.keys(call))
                if (!["source", "providers", "count", "for_each", "depends_on"].includes(argument) && !called.variable[argument])
                    this.fault(module.folder, `module "${name}" has no variable "${argument}"`);
            for (const [variable, content] of Object.entries(called.variable))
                if (!("default" in content) && !(variable in call))
                    this.fault(module.folder, `module "${name}" is not given "${variable}"`);
        }
    }

    checkDeclarations(module) {
        const code = module.text.replace(/^\s*#.*$/gm, "");
        for (const [name, variable] of Object.entries(module.variable)) {
            const uses = [...code.matchAll(new RegExp(`(?<![\\w.])var\\.${name}(?!\\w)`, "g"))].length;
            const inValidation = JSON.stringify(variable.validation ?? "").match(new RegExp(`var\\.${name}(?!\\w)`, "g"))?.length ?? 0;
            if (uses <= inValidation)
                this.fault(module.folder, `variable "${name}" is not used`);
            if (!variable.type || !variable.description)
                this.fault(module.folder, `variable "${name}" needs a type and a description`);
        }
        for (const name of Object.keys(module.local))
            if (!new RegExp(`(?<![\\w.])local\\.${name}(?!\\w)`).test(code))
                this.fault(module.folder, `local "${name}" is not used`);
        for (const [name, output] of Object.entries(module.output))
            if (!output.description)
                this.fault(module.folder, `output "${name}" needs a description`);
        for (const provider of new Set(["resource", "data"].flatMap(kind => Object.keys(module[kind])).map(type => type.split("_")[0])))
            if (!module.providers?.[provider])
                this.fault(module.folder, `provider "${provider}" is not in required_providers`);
    }
}

async function faultsOf(folder) {
    const modules = new Map();
    for (const kind of ["modules", "examples"])
        for (const name of fs.readdirSync(path.join(folder, kind))) {
            const module = await readModule(path.join(folder, kind, name));
            modules.set(module.folder, module);
        }
    const checker = new Checker();
    for (const module of modules.values())
        checker.check(module, modules);
    return { faults: checker.faults.map(text => text.replace(folder + path.sep, "")), count: checker.count,
             modules: modules.size };
}

// ---- the check of the check

const planted = [
    ["modules/alb/main.tf", "idle_timeout ", "idle_time_out ", /unknown "idle_time_out"/],
    ["modules/alb/main.tf", "  port        = var.port\n", "  port        = var.port\n  matcher     = 200\n", /unknown "matcher"; it belongs into LbTargetGroupHealthCheck/],
    ["modules/alb/main.tf", "    type             = \"forward\"\n", "", /lb_listener\.https default_action: "type" is missing/],
    ["modules/alb/main.tf", "drop_invalid_header_fields = true", "drop_invalid_header_fields = \"yes\"", /"drop_invalid_header_fields" takes boolean/],
    ["modules/alb/main.tf", "  health_check {", "  health_check = {", /"health_check" is a block/],
    ["modules/alb/outputs.tf", "aws_lb.this.arn_suffix", "aws_lb.this.suffix", /aws_lb has no attribute "suffix"/],
    ["modules/alb/accesslogs.tf", "status = \"Enabled\"\n\n", "", /rule: "status" is missing/],
    ["modules/network/main.tf", "resource \"aws_eip\" \"nat\"", "resource \"aws_elastic_ip\" \"nat\"", /has no resource "aws_elastic_ip"/],
    ["modules/network/main.tf", "aws_subnet.public[each.key].id", "aws_subnet.outer[each.key].id", /aws_subnet\.outer.*no such resource/],
    ["modules/servers/main.tf", "      auto_rollback          = true\n", "      auto_roll_back = true\n", /unknown "auto_roll_back"/],
    ["modules/servers/main.tf", "      propagate_at_launch = false\n", "", /autoscaling_group\.this tag: "propagate_at_launch" is missing/],
    ["modules/servers/main.tf", "  most_recent = true\n", "  newest = true\n", /data aws_ami\.debian: unknown "newest"/],
    ["modules/servers/main.tf", "  min_size            = var.size.min\n", "", /"min_size" is missing/],
    ["modules/servers/main.tf", "version = aws_launch_template.this.latest_version", "version = aws_launch_template.this.newest", /no attribute "newest"/],
    ["modules/servers/main.tf", "  monitoring {\n    enabled = true\n  }\n", "  monitoring {\n    enabled = true\n  }\n  monitoring {\n    enabled = true\n  }\n", /"monitoring" is there 2 times/],
    ["modules/servers/iam.tf", "resources = [var.cache.kms_key_arn]", "resources = [var.cash.kms_key_arn]", /no variable "cash"/],
    ["modules/cache/main.tf", "  length  = 64\n", "", /random_password\.token: "length" is missing/],
    ["modules/observability/alarms.tf", "evaluation_periods  = each.value.minutes", "", /"evaluation_periods" is missing/],
    ["modules/observability/main.tf", "retention_in_days = 7\n", "retention_in_days = \"a week\"\n", /"retention_in_days" takes number/],
    ["examples/complete/main.tf", "  drain               = var.drain\n", "", /module "alb" is not given "drain"/],
    ["examples/complete/main.tf", "module.alb.metric_dimensions", "module.alb.dimensions", /has no output "dimensions"/],
    ["examples/complete/main.tf", "  zones        = var.zones\n", "  zone_count   = var.zones\n", /no variable "zone_count"/],
    ["examples/complete/variables.tf", "variable \"stickiness\" {", "variable \"sticky\" {", /variable "sticky" is not used/],
];

async function self(folder) {
    const copy = fs.mkdtempSync(path.join(require("os").tmpdir(), "parlor-"));
    let missed = 0;
    try {
        for (const [file, text, other, expected] of planted) {
            fs.cpSync(folder, copy, { recursive: true });
            const whole = fs.readFileSync(path.join(copy, file), "utf8");
            if (!whole.includes(text)) {
                console.log(`--self: ${file} has no ${JSON.stringify(text)} any more`);
                ++missed;
                continue;
            }
            fs.writeFileSync(path.join(copy, file), whole.replace(text, other));
            const { faults } = await faultsOf(copy);
            if (!faults.some(fault => expected.test(fault))) {
                console.log(`--self: ${file} with ${JSON.stringify(other)}: no fault like ${expected}, but:\n  ${faults.join("\n  ")}`);
                ++missed;
            }
        }
    } finally {
        fs.rmSync(copy, { recursive: true });
    }
    console.log(`${planted.length - missed} of ${planted.length} planted faults were found`);
    return missed === 0;
}

(async () => {
    const folder = path.resolve(process.argv[2]);
    if (process.argv[3] === "--self")
        process.exit(await self(folder) ? 0 : 1);
    const { faults, count, modules } = await faultsOf(folder);
    faults.forEach(fault => console.log(fault));
    console.log(`${count} resources and data sources of ${modules} modules: ${faults.length} faults`);
    process.exit(faults.length === 0 && count > 50 ? 0 : 1);
})();
