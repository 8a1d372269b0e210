<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
 <context>
  <name>nodeflow</name>
  <message numerus="yes">
   <source>%n node(s) without a plain Python form are left out; the script names them.</source>
   <translation>
    <numerusform>%n node without a plain Python form is left out; the script names it.</numerusform>
    <numerusform>%n nodes without a plain Python form are left out; the script names them.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n problem(s)</source>
   <translation>
    <numerusform>%n problem</numerusform>
    <numerusform>%n problems</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>At least %n entry(ies) needed.</source>
   <translation>
    <numerusform>At least %n entry is needed.</numerusform>
    <numerusform>At least %n entries are needed.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Enter at least %n character(s).</source>
   <translation>
    <numerusform>Enter at least %n character.</numerusform>
    <numerusform>Enter at least %n characters.</numerusform>
   </translation>
  </message>
 </context>
</TS>
