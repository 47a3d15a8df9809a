"""A verdict as a page to read and hand on, which also checks a single proof by itself.

The page is one file that fetches nothing: its policy forbids it. The check of a proof runs in the
browser (WebCrypto), on the bytes that the reader gives it.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from typing import Any

from baseload.verify.findings import FAILED, INCOMPLETE, OK, instant_text
from baseload.verify.report import MARKS, headline
from baseload.verify.testtable import TEST_STYLE, tests_section

PAGE_FINDINGS = 200
"""Findings that a page lists."""
_COLOURS = {OK: "ok", INCOMPLETE: "part", FAILED: "bad"}
_STYLE = """
:root{--fg:#1b2429;--soft:#5b6770;--bg:#fdfdfc;--box:#f3f4ef;--line:#d5d9d6;--ok:#0b6b3a;
--part:#8a5a00;--bad:#a61b1b;--link:#0b5a75}
@media(prefers-color-scheme:dark){:root{--fg:#e6e9ea;--soft:#a3adb3;--bg:#14181b;--box:#1e2327;
--line:#39424a;--ok:#5fcf93;--part:#e3b04b;--bad:#ff8a80;--link:#7cc7e0}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:60rem;color:var(--fg);background:var(--bg);
font:1rem/1.5 system-ui,"DejaVu Sans",sans-serif}
h1,h2{font-family:Georgia,"DejaVu Serif",serif;line-height:1.2}
h1{margin:.2rem 0 .8rem;font-size:1.9rem}h2{margin:2.4rem 0 .6rem;font-size:1.25rem}
.soft{color:var(--soft);font-size:.9rem}.ok{color:var(--ok)}.part{color:var(--part)}
.bad{color:var(--bad)}
.strip{display:flex;gap:3px;margin:1.2rem 0;flex-wrap:wrap}
.strip div{flex:1 1 5rem;padding:.35rem .1rem;border-top:6px solid currentColor;
background:var(--box);text-align:center;font-size:.6rem;overflow-wrap:anywhere}
.strip span{color:var(--fg)}.strip .none{color:var(--line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code,textarea,pre{font:.85rem/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{padding:.4rem .6rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
td.n{text-align:right;white-space:nowrap}
.find{border-left:4px solid currentColor;padding:.1rem 0 .1rem .9rem;margin:.9rem 0}
.find *{color:var(--fg)}.find .code{color:var(--soft)}
textarea{width:100%;min-height:7rem;color:inherit;background:var(--box);
border:1px solid var(--line);padding:.5rem}
button{font:inherit;padding:.45rem 1rem;border:1px solid var(--link);background:none;
color:var(--link);cursor:pointer;margin:.4rem .5rem .4rem 0}
button:focus-visible,textarea:focus-visible{outline:3px solid var(--link)}
#answer{font-weight:600}
pre{background:var(--box);padding:.8rem;white-space:pre-wrap;margin:.5rem 0}
@@TESTS@@
@media(max-width:32rem){dl{grid-template-columns:1fr}dt{margin-top:.5rem}
h1{font-size:1.5rem}td.h{display:none}}
@media print{button,textarea,.live{display:none}}
""".replace("@@TESTS@@", TEST_STYLE)
_SCRIPT = """
"use strict";
const enc=new TextEncoder(), hex=b=>Array.from(b,x=>x.toString(16).padStart(2,"0")).join("");
const join=(...parts)=>{const out=new Uint8Array(parts.reduce((n,p)=>n+p.length,0));let at=0;
for(const p of parts){out.set(p,at);at+=p.length}return out};
const sha=async b=>new Uint8Array(await crypto.subtle.digest("SHA-256",b));
const un64=t=>{let s;try{s=atob(t)}catch{throw new Error("not base64: "+t.slice(0,40))}
if(btoa(s)!==t)throw new Error("not base64 in its one form: "+t.slice(0,40));
return Uint8Array.from(s,c=>c.charCodeAt(0))};
const same=(a,b)=>a.length===b.length&&a.every((x,i)=>x===b[i]);
const number=t=>{
if(!/^(0|[1-9][0-9]{0,18})$/.test(t))throw new Error("not a number: "+t.slice(0,40));
return BigInt(t)};
function parseProof(text){
 const at=text.indexOf("\\n\\n");
 if(at<0)throw new Error("a proof has an empty line before its checkpoint");
 const lines=text.slice(0,at).split("\\n"), note=text.slice(at+2);
 if(lines.shift()!=="c2sp.org/tlog-proof@v1")
  throw new Error("the first line is not that of a proof");
 if(lines[0]&&lines[0].startsWith("extra "))lines.shift();
 const head=lines.shift()||"";
 if(!head.startsWith("index "))throw new Error("no line with the index");
 const index=number(head.slice(6)), path=lines.map(un64);
 if(path.some(p=>p.length!==32))throw new Error("a hash that has not 32 bytes");
 const cut=note.lastIndexOf("\\n\\n");
 if(cut<0)throw new Error("a checkpoint without signatures");
 const body=note.slice(0,cut+1), [origin,size,root]=body.split("\\n");
 if(root===undefined)throw new Error("a checkpoint of fewer than three lines");
 const signatures=note.slice(cut+2).split("\\n").filter(Boolean).map(line=>{
  const m=/^\\u2014 (\\S+) (\\S+)$/.exec(line);
  if(!m)throw new Error("a line that is no signature");
  const raw=un64(m[2]);return {name:m[1],id:hex(raw.slice(0,4)),blob:raw.slice(4)}});
 return {index,path,body,origin,size:number(size),root:un64(root),signatures};
}
async function rootOf(index,size,leaf,path,step){
 if(index>=size)throw new Error("the index is not below the size");
 let n=index,last=size-1n,found=leaf;
 for(const next of path){
  if(last===0n)throw new Error("the proof has too many hashes");
  const left=(n&1n)===1n||n===last;
  found=await sha(left?join([1],next,found):join([1],found,next));
  step((left?"hash(1, proof, ours)":"hash(1, ours, proof)")+" = "+hex(found));
  if(left)while((n&1n)===0n&&n!==0n){n>>=1n;last>>=1n}
  n>>=1n;last>>=1n;
 }
 if(last!==0n)throw new Error("the proof has too few hashes");
 return found;
}
async function signedBy(proof,key){
 const m=/^([^+]+)\\+([0-9a-f]{8})\\+(.+)$/.exec(key);
 if(!m)throw new Error("the key of the log is not one");
 const raw=un64(m[3]);
 const id=(await sha(join(enc.encode(m[1]+"\\n"),raw))).slice(0,4);
 if(raw[0]!==1||hex(id)!==m[2])throw new Error("the key of the log is not an Ed25519 key");
 const line=proof.signatures.find(s=>s.name===m[1]&&s.id===m[2]);
 if(!line)return "the checkpoint carries no signature of this key";
 let ed;
 try{ed=await crypto.subtle.importKey("raw",raw.slice(1),"Ed25519",false,["verify"])}
 catch{return null}
 const good=await crypto.subtle.verify("Ed25519",ed,line.blob,enc.encode(proof.body));
 return good?"":"the signature of the log does not hold";
}
async function checkProof(text,entry,key){
 const steps=[], step=s=>steps.push(s);
 try{
  const proof=parseProof(text), leaf=await sha(join([0],entry));
  step("hash(0, entry) = "+hex(leaf));
  const root=await rootOf(proof.index,proof.size,leaf,proof.path,step);
  step("root signed for  = "+hex(proof.root));
  if(!same(root,proof.root))throw new Error("the root is not the one that was signed for");
  const where="entry "+proof.index+" of "+proof.size+" in "+proof.origin;
  if(!key)return {good:true,steps,
   said:"holds: "+where+" (no key given: who signed was not checked)"};
  const bad=await signedBy(proof,key);
  if(bad)throw new Error(bad);
  return {good:true,said:"holds: "+where+(bad===null?
   " (this browser has no Ed25519: who signed was not checked)":", signed by the log"),steps};
 }catch(error){return {good:false,said:"does not hold: "+error.message,steps}}
}
const $=id=>document.getElementById(id);
async function run(){
 const answer=await checkProof($("proof").value,enc.encode($("entry").value),$("key").value.trim());
 $("answer").textContent=(answer.good?"\\u2713 ":"\\u2717 ")+answer.said;
 $("answer").className=answer.good?"ok":"bad";
 $("steps").textContent=answer.steps.join("\\n");
}
if(typeof document!=="undefined"&&$("run")){
 $("run").addEventListener("click",run);
 if(location.hash==="#check")run();
}
"""


def page(verdict: Mapping[str, Any], proof: Mapping[str, str] | None = None) -> str:
    """Return the page of a verdict.

    Parameters
    ----------
    verdict : as ``--json`` prints it.
    proof : ``proof`` (text of a tlog-proof), ``entry`` (text of the entry) and ``key`` (verifier
        key of the log) to begin with; empty fields without.
    """
    parts = (
        _top(verdict),
        _strip(verdict),
        _facts(verdict),
        _found(verdict),
        _checks(verdict),
        tests_section(verdict["reconciliation"]),
        _again(verdict),
        _live(proof or {}),
    )
    title = f"{verdict['verdict']} · {verdict['origin']}"
    policy = (
        f"default-src 'none'; style-src '{_digest(_STYLE)}'; script-src '{_digest(_SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_e(title)}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + f"\n<script>{_SCRIPT}</script></body></html>\n"
    )


def _top(verdict: Mapping[str, Any]) -> str:
    kind, _, rest = headline(verdict).partition(": ")
    return (
        f'<header><p class="soft">Inspection of a record · {_e(verdict["origin"])}</p>'
        f'<h1><span class="{_COLOURS[verdict["verdict"]]}">{kind}</span>: {rest}</h1></header>'
    )


def _strip(verdict: Mapping[str, Any]) -> str:
    boxes = []
    for check in verdict["checks"]:
        done = check["count"] or check["verdict"] != OK
        colour, mark = (
            (_COLOURS[check["verdict"]], MARKS[check["verdict"]]) if done else ("none", "–")
        )
        boxes.append(f'<div class="{colour}">{mark}<br><span>{_e(check["name"])}</span></div>')
    return f'<div class="strip" role="img" aria-label="{_e(_said(verdict))}">{"".join(boxes)}</div>'


def _said(verdict: Mapping[str, Any]) -> str:
    return "; ".join(f"{check['name']}: {check['verdict']}" for check in verdict["checks"])


def _facts(verdict: Mapping[str, Any]) -> str:
    seen = verdict["witnessed"]
    rows = [
        ("Entries", f"{verdict['size']:,}"),
        ("Root", f"<code>{_e(verdict['root'])}</code>"),
        ("Witnesses", f"{seen['have']} of {seen['of']} have signed, {seen['need']} are needed"),
        (
            "Keys",
            f"told to the inspector beforehand: {', '.join(verdict['told'])}"
            if verdict["trust"] == "given"
            else "taken from the kit itself: this shows only that the kit agrees with itself",
        ),
    ]
    if verdict["log_time"] is not None:
        rows.insert(2, ("Seen up to", _e(instant_text(verdict["log_time"]))))
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows) + "</dl>"


def _checks(verdict: Mapping[str, Any]) -> str:
    rows = []
    for check in verdict["checks"]:
        done = check["count"] or check["verdict"] != OK
        colour = _COLOURS[check["verdict"]] if done else "soft"
        said = check["verdict"] if done else "not in this kit"
        rows.append(
            f'<tr><th scope="row">{_e(check["name"])}</th><td class="{colour}">{said}</td>'
            f'<td class="n">{check["count"]:,}</td><td class="h">{_e(check["text"])}</td></tr>'
        )
    return f"<h2>What was checked</h2><table><tbody>{''.join(rows)}</tbody></table>"


def _found(verdict: Mapping[str, Any]) -> str:
    findings = verdict["findings"]
    if not findings:
        return "<h2>What was found</h2><p>Nothing that is wrong, and nothing left unchecked.</p>"
    blocks = [_finding_block(finding) for finding in findings[:PAGE_FINDINGS]]
    total = sum(verdict["counts"].values())
    rest = total - len(blocks)
    more = f'<p class="soft">and {rest:,} more.</p>' if rest > 0 else ""
    return f"<h2>What was found</h2>{''.join(blocks)}{more}"


def _finding_block(finding: Mapping[str, Any]) -> str:
    place = ", ".join(
        f"{name} {finding[key]}"
        for key, name in (("index", "entry"), ("source", "of"), ("file", "in"), ("at", "byte"))
        if key in finding
    )
    rows = "".join(
        f"<dt>{key}</dt><dd><code>{_e(str(finding[key]))}</code></dd>"
        for key in ("expected", "found")
        if key in finding
    )
    return (
        f'<section class="find {_COLOURS[finding["verdict"]]}"><strong>{_e(finding["meaning"])}'
        f'</strong><br><span class="code">{finding["verdict"]} · {_e(finding["code"])} · '
        f"{_e(place)}</span><dl>{rows}</dl></section>"
    )


def _again(verdict: Mapping[str, Any]) -> str:
    return (
        "<h2>How to check it again</h2><p>Ask two of the parties for the key of the log, the hash "
        "of its charter and the policy, by a way that is not the kit. Then, on a computer that is "
        "connected to nothing:</p>"
        "<pre>python inspect.py KIT --log-key KEY --charter HASH --policy FILE</pre>"
        f'<p class="soft">The same {verdict["size"]:,} entries give the same root, whoever '
        "computes it.</p>"
    )


def _live(proof: Mapping[str, str]) -> str:
    fields = "".join(
        f'<label for="{key}">{label}</label><textarea id="{key}" spellcheck="false">'
        f"{_e(proof.get(key, ''))}</textarea>"
        for key, label in (
            ("proof", "Proof (a tlog-proof file)"),
            ("entry", "Entry, as it is in the record"),
            ("key", "Verifier key of the log (may be left out)"),
        )
    )
    return (
        '<div class="live"><h2>Check one entry here</h2><p>This page computes the hashes itself, '
        f"in your browser, and sends nothing anywhere.</p>{fields}"
        '<button id="run" type="button">Check</button><p id="answer" role="status"></p>'
        '<pre id="steps"></pre></div>'
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _e(text: str) -> str:
    return html.escape(str(text), quote=True)
