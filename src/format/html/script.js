"use strict";
// Every table of more than a few rows can be sorted by its headers and filtered; without this script
// all rows show as they were written.
const words=document.documentElement.dataset,order=new Intl.Collator(document.documentElement.lang,{numeric:true});
for(const box of document.querySelectorAll(".table")){
  const table=box.querySelector("table"),body=table.tBodies[0],rows=[...body.rows];
  if(rows.length<4)continue;
  table.querySelectorAll("thead th").forEach((head,at)=>{
    const button=document.createElement("button");
    button.type="button";button.textContent=head.textContent;head.replaceChildren(button);
    button.addEventListener("click",()=>{
      const up=head.getAttribute("aria-sort")!=="ascending";
      for(const other of head.parentNode.cells)other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort",up?"ascending":"descending");
      const key=row=>{const cell=row.cells[at];return cell.dataset.v!==undefined?Number(cell.dataset.v):cell.textContent};
      const compare=(a,b)=>{const x=key(a),y=key(b);
        if(x===""||y==="")return (x==="")-(y==="");
        const by=typeof x==="number"&&typeof y==="number"?x-y:order.compare(x,y);return up?by:-by};
      body.append(...[...body.rows].sort(compare));
    });
  });
  if(rows.length<8)continue;
  const label=document.createElement("label"),input=document.createElement("input");
  input.type="search";label.append(words.filter+" ",input);box.before(label);
  const lower=text=>text.toLocaleLowerCase(document.documentElement.lang);
  input.addEventListener("input",()=>{const wanted=lower(input.value);
    for(const row of rows)row.hidden=!lower(row.textContent).includes(wanted)});
}
