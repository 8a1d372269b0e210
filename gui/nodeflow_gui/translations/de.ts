<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>nodeflow</name>
  <message>
   <source>"{0}" comes after one of these nodes and before "{1}"; select it too</source>
   <translation>„{0}“ kommt nach einem dieser Knoten und vor „{1}“; wählen Sie ihn auch aus</translation>
  </message>
  <message>
   <source>"{0}" has no input "{1}"; {2}.</source>
   <translation>„{0}“ hat keinen Eingang „{1}“; {2}.</translation>
  </message>
  <message>
   <source>"{0}" has no output "{1}"; {2}.</source>
   <translation>„{0}“ hat keinen Ausgang „{1}“; {2}.</translation>
  </message>
  <message>
   <source>"{0}" is fed by the input "{1}" of the component.</source>
   <translation>„{0}“ wird vom Eingang „{1}“ der Komponente gespeist.</translation>
  </message>
  <message>
   <source>"{0}" is no component</source>
   <translation>„{0}“ ist keine Komponente</translation>
  </message>
  <message>
   <source>"{0}" is no component that can be expanded</source>
   <translation>„{0}“ ist keine Komponente, die sich auflösen lässt</translation>
  </message>
  <message>
   <source>"{0}" is taken by "{1}".</source>
   <translation>„{0}“ ist schon durch „{1}“ belegt.</translation>
  </message>
  <message>
   <source>"{0}" takes a {1}, but "{2}" gives a {3}.</source>
   <translation>„{0}“ nimmt {1}, aber „{2}“ liefert {3}.</translation>
  </message>
  <message numerus="yes">
   <source>%n node(s) without a plain Python form are left out; the script names them.</source>
   <translation>
    <numerusform>%n Knoten ohne einfache Python-Form fehlt darin; das Skript nennt ihn.</numerusform>
    <numerusform>%n Knoten ohne einfache Python-Form fehlen darin; das Skript nennt sie.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n problem(s)</source>
   <translation>
    <numerusform>%n Problem</numerusform>
    <numerusform>%n Probleme</numerusform>
   </translation>
  </message>
  <message>
   <source>&amp;Edit</source>
   <translation>&amp;Bearbeiten</translation>
  </message>
  <message>
   <source>&amp;File</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>&amp;Help</source>
   <translation>&amp;Hilfe</translation>
  </message>
  <message>
   <source>&amp;Run</source>
   <translation>&amp;Ausführen</translation>
  </message>
  <message>
   <source>&amp;View</source>
   <translation>&amp;Ansicht</translation>
  </message>
  <message>
   <source>, may stay open</source>
   <translation>, darf offen bleiben</translation>
  </message>
  <message>
   <source>, takes many</source>
   <translation>, nimmt mehrere</translation>
  </message>
  <message>
   <source>1 column</source>
   <translation>1 Spalte</translation>
  </message>
  <message>
   <source>1 row</source>
   <translation>1 Zeile</translation>
  </message>
  <message>
   <source>1 row × {0} columns</source>
   <translation>1 Zeile × {0} Spalten</translation>
  </message>
  <message>
   <source>A Row Filter was added that keeps what is picked.</source>
   <translation>Ein Zeilenfilter, der das Ausgewählte behält, wurde hinzugefügt.</translation>
  </message>
  <message>
   <source>A Row Filter was added. It keeps {0} other rows as well, whose values are like those picked.</source>
   <translation>Ein Zeilenfilter wurde angelegt. Er behält auch {0} andere Zeilen, deren Werte denen der ausgewählten gleichen.</translation>
  </message>
  <message>
   <source>A click, or Shift+Space, picks the row: charts of the same data mark it</source>
   <translation>Ein Klick oder Umschalt+Leertaste wählt die Zeile aus: Diagramme derselben Daten heben sie hervor</translation>
  </message>
  <message>
   <source>A node cannot be connected to itself.</source>
   <translation>Ein Knoten lässt sich nicht mit sich selbst verbinden.</translation>
  </message>
  <message>
   <source>A regular expression. A column whose name it fits is taken as well.</source>
   <translation>Ein regulärer Ausdruck. Spalten, deren Name passt, kommen hinzu.</translation>
  </message>
  <message>
   <source>A text in the workflow is broken: {0}</source>
   <translation>Ein Text im Workflow ist beschädigt: {0}</translation>
  </message>
  <message>
   <source>A workflow in a node.</source>
   <translation>Ein Workflow in einem Knoten.</translation>
  </message>
  <message>
   <source>About nodeflow</source>
   <translation>Über nodeflow</translation>
  </message>
  <message>
   <source>Actual size</source>
   <translation>Originalgröße</translation>
  </message>
  <message>
   <source>Add</source>
   <translation>Hinzufügen</translation>
  </message>
  <message>
   <source>Add a Row Filter that keeps what is picked</source>
   <translation>Einen Zeilenfilter hinzufügen, der das Ausgewählte behält</translation>
  </message>
  <message>
   <source>Add a column</source>
   <translation>Spalte hinzufügen</translation>
  </message>
  <message>
   <source>Add a frame</source>
   <translation>Rahmen hinzufügen</translation>
  </message>
  <message>
   <source>Add a node</source>
   <translation>Knoten hinzufügen</translation>
  </message>
  <message>
   <source>Add a node after it</source>
   <translation>Knoten danach hinzufügen</translation>
  </message>
  <message>
   <source>Add a node for the {0}</source>
   <translation>Knoten für {0} hinzufügen</translation>
  </message>
  <message>
   <source>Add a node here</source>
   <translation>Hier einen Knoten hinzufügen</translation>
  </message>
  <message>
   <source>Add a node next to the selected one</source>
   <translation>Knoten neben dem ausgewählten hinzufügen</translation>
  </message>
  <message>
   <source>Add a node that gives a {0}</source>
   <translation>Knoten hinzufügen, der {0} liefert</translation>
  </message>
  <message>
   <source>Add a node…</source>
   <translation>Knoten hinzufügen …</translation>
  </message>
  <message>
   <source>Add a note</source>
   <translation>Notiz hinzufügen</translation>
  </message>
  <message>
   <source>Add a row</source>
   <translation>Zeile hinzufügen</translation>
  </message>
  <message>
   <source>Add an entry to {label}</source>
   <translation>Eintrag zu {label} hinzufügen</translation>
  </message>
  <message>
   <source>Add frame</source>
   <translation>Rahmen hinzufügen</translation>
  </message>
  <message>
   <source>Add node</source>
   <translation>Knoten hinzufügen</translation>
  </message>
  <message>
   <source>Add note</source>
   <translation>Notiz hinzufügen</translation>
  </message>
  <message>
   <source>Add to favourites</source>
   <translation>Zu den Favoriten</translation>
  </message>
  <message>
   <source>Add to the workflow</source>
   <translation>Zum Workflow hinzufügen</translation>
  </message>
  <message>
   <source>Align at the left</source>
   <translation>Links ausrichten</translation>
  </message>
  <message>
   <source>Align at the top</source>
   <translation>Oben ausrichten</translation>
  </message>
  <message>
   <source>Align centres</source>
   <translation>Mittig ausrichten</translation>
  </message>
  <message>
   <source>Align left edges</source>
   <translation>Linke Kanten ausrichten</translation>
  </message>
  <message>
   <source>Align lower edges</source>
   <translation>Untere Kanten ausrichten</translation>
  </message>
  <message>
   <source>Align middles</source>
   <translation>Auf gleiche Höhe bringen</translation>
  </message>
  <message>
   <source>Align right edges</source>
   <translation>Rechte Kanten ausrichten</translation>
  </message>
  <message>
   <source>Align upper edges</source>
   <translation>Obere Kanten ausrichten</translation>
  </message>
  <message>
   <source>All columns but those unticked</source>
   <translation>Alle außer den abgewählten</translation>
  </message>
  <message>
   <source>All files</source>
   <translation>Alle Dateien</translation>
  </message>
  <message>
   <source>Allow {0}</source>
   <translation>{0} erlauben</translation>
  </message>
  <message>
   <source>Alt+Up</source>
   <translation>Alt+Auf</translation>
  </message>
  <message>
   <source>Another language counts for windows opened from then on.</source>
   <translation>Eine andere Sprache gilt für Fenster, die danach geöffnet werden.</translation>
  </message>
  <message>
   <source>Another name</source>
   <translation>Anderer Name</translation>
  </message>
  <message>
   <source>Appearance</source>
   <translation>Darstellung</translation>
  </message>
  <message>
   <source>Arrange</source>
   <translation>Anordnen</translation>
  </message>
  <message>
   <source>Arrange all</source>
   <translation>Alles anordnen</translation>
  </message>
  <message>
   <source>Arrow keys</source>
   <translation>Pfeiltasten</translation>
  </message>
  <message numerus="yes">
   <source>At least %n entry(ies) needed.</source>
   <translation>
    <numerusform>Mindestens %n Eintrag ist nötig.</numerusform>
    <numerusform>Mindestens %n Einträge sind nötig.</numerusform>
   </translation>
  </message>
  <message>
   <source>Back to the canvas</source>
   <translation>Zurück zur Zeichenfläche</translation>
  </message>
  <message>
   <source>Back to the default</source>
   <translation>Zurück zur Vorgabe</translation>
  </message>
  <message>
   <source>Back to {0}</source>
   <translation>Zurück zu {0}</translation>
  </message>
  <message>
   <source>Begin with</source>
   <translation>Zum Anfangen</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Blau</translation>
  </message>
  <message>
   <source>Brush</source>
   <translation>Rechteck</translation>
  </message>
  <message>
   <source>By layers</source>
   <translation>Nach Ebenen</translation>
  </message>
  <message>
   <source>By type and name</source>
   <translation>Nach Typ und Name</translation>
  </message>
  <message>
   <source>CSV files</source>
   <translation>CSV-Dateien</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Canvas alone</source>
   <translation>Nur die Zeichenfläche</translation>
  </message>
  <message>
   <source>Change colour</source>
   <translation>Farbe ändern</translation>
  </message>
  <message>
   <source>Change name or description</source>
   <translation>Name oder Beschreibung ändern</translation>
  </message>
  <message>
   <source>Change node type</source>
   <translation>Knotentyp ändern</translation>
  </message>
  <message>
   <source>Change note</source>
   <translation>Notiz ändern</translation>
  </message>
  <message>
   <source>Change ports</source>
   <translation>Anschlüsse ändern</translation>
  </message>
  <message>
   <source>Change setting</source>
   <translation>Einstellung ändern</translation>
  </message>
  <message>
   <source>Change the name of the node</source>
   <translation>Den Knoten umbenennen</translation>
  </message>
  <message>
   <source>Change the text</source>
   <translation>Text ändern</translation>
  </message>
  <message>
   <source>Change the title</source>
   <translation>Titel ändern</translation>
  </message>
  <message>
   <source>Change variable</source>
   <translation>Variable ändern</translation>
  </message>
  <message>
   <source>Chart</source>
   <translation>Diagramm</translation>
  </message>
  <message>
   <source>Choose a colour</source>
   <translation>Farbe wählen</translation>
  </message>
  <message>
   <source>Choose a column.</source>
   <translation>Bitte eine Spalte wählen.</translation>
  </message>
  <message>
   <source>Choose a file</source>
   <translation>Datei wählen</translation>
  </message>
  <message>
   <source>Choose a file.</source>
   <translation>Bitte eine Datei wählen.</translation>
  </message>
  <message>
   <source>Choose a node to look at its data.</source>
   <translation>Wählen Sie einen Knoten, um seine Daten anzusehen.</translation>
  </message>
  <message>
   <source>Choose a node to see and change its settings.</source>
   <translation>Wählen Sie einen Knoten, um seine Einstellungen zu sehen und zu ändern.</translation>
  </message>
  <message>
   <source>Choose in a calendar</source>
   <translation>Im Kalender wählen</translation>
  </message>
  <message>
   <source>Choose one.</source>
   <translation>Bitte eine Möglichkeit wählen.</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Wählen …</translation>
  </message>
  <message>
   <source>Clear</source>
   <translation>Leeren</translation>
  </message>
  <message>
   <source>Clear the log</source>
   <translation>Protokoll leeren</translation>
  </message>
  <message>
   <source>Click to give the node a title of your own</source>
   <translation>Klicken, um dem Knoten einen eigenen Titel zu geben</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close this notice</source>
   <translation>Hinweis schließen</translation>
  </message>
  <message>
   <source>Close workflow</source>
   <translation>Workflow schließen</translation>
  </message>
  <message>
   <source>Code in this workflow</source>
   <translation>Code in diesem Workflow</translation>
  </message>
  <message>
   <source>Colour</source>
   <translation>Farbe</translation>
  </message>
  <message>
   <source>Column</source>
   <translation>Spalte</translation>
  </message>
  <message>
   <source>Columns</source>
   <translation>Spalten</translation>
  </message>
  <message>
   <source>Complete a name in a formula</source>
   <translation>Namen in einer Formel ergänzen</translation>
  </message>
  <message>
   <source>Component</source>
   <translation>Komponente</translation>
  </message>
  <message>
   <source>Connect</source>
   <translation>Verbinden</translation>
  </message>
  <message>
   <source>Connect the selected nodes</source>
   <translation>Die ausgewählten Knoten verbinden</translation>
  </message>
  <message>
   <source>Connect them</source>
   <translation>Miteinander verbinden</translation>
  </message>
  <message>
   <source>Connect “{0}” of “{1}”</source>
   <translation>„{0}“ von „{1}“ verbinden</translation>
  </message>
  <message>
   <source>Convert to {0} before</source>
   <translation>Davor umwandeln in: {0}</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy the selected cells, or all</source>
   <translation>Ausgewählte Zellen kopieren, oder alle</translation>
  </message>
  <message>
   <source>Ctrl+Del</source>
   <translation>Strg+Entf</translation>
  </message>
  <message>
   <source>Ctrl+Enter</source>
   <translation>Strg+Eingabe</translation>
  </message>
  <message>
   <source>Ctrl+arrow keys</source>
   <translation>Strg+Pfeiltasten</translation>
  </message>
  <message>
   <source>Cut</source>
   <translation>Ausschneiden</translation>
  </message>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Deep learning by</source>
   <translation>Deep Learning mit</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Delete and heal</source>
   <translation>Löschen und verbinden</translation>
  </message>
  <message>
   <source>Delete and join the neighbours</source>
   <translation>Löschen und Nachbarn verbinden</translation>
  </message>
  <message>
   <source>Delete note</source>
   <translation>Notiz löschen</translation>
  </message>
  <message>
   <source>Delete the connection</source>
   <translation>Verbindung löschen</translation>
  </message>
  <message>
   <source>Description of the value</source>
   <translation>Beschreibung des Werts</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>Einzelheiten</translation>
  </message>
  <message>
   <source>Deviation</source>
   <translation>Streuung</translation>
  </message>
  <message>
   <source>Discard it</source>
   <translation>Verwerfen</translation>
  </message>
  <message>
   <source>Distinct</source>
   <translation>Verschieden</translation>
  </message>
  <message>
   <source>Distribute horizontally</source>
   <translation>Waagerecht verteilen</translation>
  </message>
  <message>
   <source>Distribute vertically</source>
   <translation>Senkrecht verteilen</translation>
  </message>
  <message>
   <source>Distribution</source>
   <translation>Verteilung</translation>
  </message>
  <message>
   <source>Do not save</source>
   <translation>Nicht speichern</translation>
  </message>
  <message>
   <source>Double-click to rename, right-click for the type</source>
   <translation>Doppelklick zum Umbenennen, Rechtsklick für den Typ</translation>
  </message>
  <message>
   <source>Drag moves the picture, the wheel zooms</source>
   <translation>Ziehen verschiebt das Bild, das Mausrad vergrößert</translation>
  </message>
  <message>
   <source>Drag picks what lies in a rectangle</source>
   <translation>Ziehen wählt aus, was in einem Rechteck liegt</translation>
  </message>
  <message>
   <source>Drag picks what lies within a line</source>
   <translation>Ziehen wählt aus, was innerhalb einer Linie liegt</translation>
  </message>
  <message>
   <source>Draw a workflow, run it, look at every step.</source>
   <translation>Workflow zeichnen, ausführen, jeden Schritt ansehen.</translation>
  </message>
  <message>
   <source>Drop a data file here</source>
   <translation>Datendatei hier ablegen</translation>
  </message>
  <message>
   <source>Duplicate</source>
   <translation>Duplizieren</translation>
  </message>
  <message>
   <source>Enter</source>
   <translation>Eingabetaste</translation>
  </message>
  <message>
   <source>Enter a colour such as #1f77b4.</source>
   <translation>Eine Farbe wie #1f77b4 eingeben.</translation>
  </message>
  <message>
   <source>Enter a day such as 2024-12-31.</source>
   <translation>Einen Tag wie 2024-12-31 eingeben.</translation>
  </message>
  <message>
   <source>Enter a formula.</source>
   <translation>Bitte eine Formel eingeben.</translation>
  </message>
  <message>
   <source>Enter a name; the secret itself never goes into a workflow.</source>
   <translation>Einen Namen eingeben; das Geheimnis selbst kommt nie in einen Workflow.</translation>
  </message>
  <message>
   <source>Enter a number, or choose another type.</source>
   <translation>Eine Zahl eingeben oder einen anderen Typ wählen.</translation>
  </message>
  <message>
   <source>Enter a value</source>
   <translation>Wert eingeben</translation>
  </message>
  <message numerus="yes">
   <source>Enter at least %n character(s).</source>
   <translation>
    <numerusform>Mindestens %n Zeichen eingeben.</numerusform>
    <numerusform>Mindestens %n Zeichen eingeben.</numerusform>
   </translation>
  </message>
  <message>
   <source>Enter the name of the server alone, without user, password or path.</source>
   <translation>Nur den Namen des Servers eingeben, ohne Benutzer, Passwort und Pfad.</translation>
  </message>
  <message>
   <source>Enter the whole path of the folder.</source>
   <translation>Den vollständigen Pfad des Ordners eingeben.</translation>
  </message>
  <message>
   <source>Enter {number}, or leave it empty.</source>
   <translation>Geben Sie {number} ein oder lassen Sie das Feld leer.</translation>
  </message>
  <message>
   <source>Enter {number}.</source>
   <translation>Geben Sie {number} ein.</translation>
  </message>
  <message>
   <source>Entry {number}: {fault}</source>
   <translation>Eintrag {number}: {fault}</translation>
  </message>
  <message>
   <source>Errors</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>Esc</source>
   <translation>Esc</translation>
  </message>
  <message>
   <source>Every column needs a name.</source>
   <translation>Jede Spalte braucht einen Namen.</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Examples to try</source>
   <translation>Beispiele zum Ausprobieren</translation>
  </message>
  <message>
   <source>Expand component</source>
   <translation>Komponente auflösen</translation>
  </message>
  <message>
   <source>Expand the component</source>
   <translation>Komponente auflösen</translation>
  </message>
  <message>
   <source>Expand the components</source>
   <translation>Komponenten auflösen</translation>
  </message>
  <message>
   <source>Expert options</source>
   <translation>Weitere Einstellungen</translation>
  </message>
  <message>
   <source>Expert options ({count})</source>
   <translation>Weitere Optionen ({count})</translation>
  </message>
  <message>
   <source>Export as CSV</source>
   <translation>Als CSV exportieren</translation>
  </message>
  <message>
   <source>Export as Python script</source>
   <translation>Als Python-Skript exportieren</translation>
  </message>
  <message>
   <source>Export as Python script…</source>
   <translation>Als Python-Skript exportieren …</translation>
  </message>
  <message>
   <source>Export as picture</source>
   <translation>Als Bild exportieren</translation>
  </message>
  <message>
   <source>Export as picture…</source>
   <translation>Als Bild exportieren …</translation>
  </message>
  <message>
   <source>Favourites</source>
   <translation>Favoriten</translation>
  </message>
  <message>
   <source>Fewer options</source>
   <translation>Weniger Optionen</translation>
  </message>
  <message>
   <source>Figures to draw</source>
   <translation>Gezeichnete Werte</translation>
  </message>
  <message>
   <source>Filter the columns</source>
   <translation>Spalten filtern</translation>
  </message>
  <message>
   <source>Filter, or a name to add</source>
   <translation>Filtern oder Namen ergänzen</translation>
  </message>
  <message>
   <source>Find a node</source>
   <translation>Knoten finden</translation>
  </message>
  <message>
   <source>Find a node on the canvas</source>
   <translation>Knoten auf der Zeichenfläche finden</translation>
  </message>
  <message>
   <source>Find in all cells</source>
   <translation>In allen Zellen suchen</translation>
  </message>
  <message>
   <source>Fitting files</source>
   <translation>Passende Dateien</translation>
  </message>
  <message>
   <source>Folder of the cache</source>
   <translation>Ordner des Zwischenspeichers</translation>
  </message>
  <message>
   <source>Found</source>
   <translation>Gefunden</translation>
  </message>
  <message>
   <source>Frame</source>
   <translation>Rahmen</translation>
  </message>
  <message>
   <source>Give each entry a name.</source>
   <translation>Jeder Eintrag braucht einen Namen.</translation>
  </message>
  <message>
   <source>Go to the node</source>
   <translation>Zum Knoten</translation>
  </message>
  <message>
   <source>Go to the settings</source>
   <translation>Zu den Einstellungen</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Grün</translation>
  </message>
  <message>
   <source>Grey</source>
   <translation>Grau</translation>
  </message>
  <message>
   <source>Here a line can only be kept as the ranges and values that it spans.</source>
   <translation>Eine Linie lässt sich hier nur als die Bereiche und Werte merken, die sie umspannt.</translation>
  </message>
  <message>
   <source>Highest</source>
   <translation>Größter</translation>
  </message>
  <message>
   <source>How columns are chosen</source>
   <translation>Wie Spalten gewählt werden</translation>
  </message>
  <message>
   <source>Information and worse</source>
   <translation>Ab Hinweisen</translation>
  </message>
  <message>
   <source>Input of the component</source>
   <translation>Eingang der Komponente</translation>
  </message>
  <message>
   <source>Input: {0}</source>
   <translation>Eingang: {0}</translation>
  </message>
  <message>
   <source>Insert a column or function</source>
   <translation>Spalte oder Funktion einfügen</translation>
  </message>
  <message>
   <source>Insert a node</source>
   <translation>Knoten einfügen</translation>
  </message>
  <message>
   <source>Insert node</source>
   <translation>Knoten einfügen</translation>
  </message>
  <message>
   <source>It has not been computed yet.</source>
   <translation>Das ist noch nicht berechnet.</translation>
  </message>
  <message>
   <source>It is being computed.</source>
   <translation>Das wird gerade berechnet.</translation>
  </message>
  <message>
   <source>It would run on your computer with your rights. Read it, and let it run only if you know where the workflow comes from. Without it, all nodes run but these and those that need their results.</source>
   <translation>Er würde auf Ihrem Rechner mit Ihren Rechten laufen. Lesen Sie ihn, und lassen Sie ihn nur laufen, wenn Sie wissen, woher der Workflow kommt. Ohne ihn laufen alle Knoten außer diesen und denen, die ihre Ergebnisse brauchen.</translation>
  </message>
  <message>
   <source>Keep paths</source>
   <translation>Pfade anpassen</translation>
  </message>
  <message>
   <source>Keep what is here</source>
   <translation>Den Stand hier behalten</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Sprache</translation>
  </message>
  <message>
   <source>Lasso</source>
   <translation>Lasso</translation>
  </message>
  <message>
   <source>Lay out automatically</source>
   <translation>Automatisch anordnen</translation>
  </message>
  <message>
   <source>Learning curves</source>
   <translation>Lernkurven</translation>
  </message>
  <message>
   <source>Leave the component</source>
   <translation>Komponente verlassen</translation>
  </message>
  <message>
   <source>Less</source>
   <translation>Weniger</translation>
  </message>
  <message>
   <source>Let this code run</source>
   <translation>Diesen Code ausführen</translation>
  </message>
  <message>
   <source>Licence: Apache-2.0</source>
   <translation>Lizenz: Apache-2.0</translation>
  </message>
  <message>
   <source>Load it anew</source>
   <translation>Neu laden</translation>
  </message>
  <message>
   <source>Loading …</source>
   <translation>Wird geladen …</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
  <message>
   <source>Log ({0})</source>
   <translation>Protokoll ({0})</translation>
  </message>
  <message>
   <source>Look at the code…</source>
   <translation>Code ansehen…</translation>
  </message>
  <message>
   <source>Look at the data</source>
   <translation>Daten ansehen</translation>
  </message>
  <message>
   <source>Look at the data of the node</source>
   <translation>Daten des Knotens ansehen</translation>
  </message>
  <message>
   <source>Look at this output</source>
   <translation>Diesen Ausgang ansehen</translation>
  </message>
  <message>
   <source>Lowest</source>
   <translation>Kleinster</translation>
  </message>
  <message>
   <source>Make a component</source>
   <translation>Komponente bilden</translation>
  </message>
  <message>
   <source>Make a component of the selection</source>
   <translation>Auswahl zur Komponente machen</translation>
  </message>
  <message>
   <source>Make a filter of it</source>
   <translation>Daraus einen Filter machen</translation>
  </message>
  <message>
   <source>Make component</source>
   <translation>Komponente bilden</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Mittelwert</translation>
  </message>
  <message>
   <source>Median</source>
   <translation>Median</translation>
  </message>
  <message>
   <source>Memory of a run</source>
   <translation>Arbeitsspeicher eines Laufs</translation>
  </message>
  <message>
   <source>Middle button</source>
   <translation>Mittlere Maustaste</translation>
  </message>
  <message>
   <source>Missing</source>
   <translation>Fehlend</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <source>More about this node</source>
   <translation>Mehr zu diesem Knoten</translation>
  </message>
  <message>
   <source>More for {label}</source>
   <translation>Mehr zu {label}</translation>
  </message>
  <message>
   <source>Most common</source>
   <translation>Häufigster</translation>
  </message>
  <message>
   <source>Move</source>
   <translation>Verschieben</translation>
  </message>
  <message>
   <source>Move down</source>
   <translation>Nach unten</translation>
  </message>
  <message>
   <source>Move the selected nodes</source>
   <translation>Die ausgewählten Knoten verschieben</translation>
  </message>
  <message>
   <source>Move the view</source>
   <translation>Ausschnitt verschieben</translation>
  </message>
  <message>
   <source>Move up</source>
   <translation>Nach oben</translation>
  </message>
  <message>
   <source>Name of a new variable</source>
   <translation>Name einer neuen Variablen</translation>
  </message>
  <message>
   <source>Name of the column</source>
   <translation>Name der Spalte</translation>
  </message>
  <message>
   <source>Name of the entry</source>
   <translation>Name des Eintrags</translation>
  </message>
  <message>
   <source>Name of the node</source>
   <translation>Name des Knotens</translation>
  </message>
  <message>
   <source>Name of the variable, such as DB_PASSWORD</source>
   <translation>Name der Variablen, z. B. DB_PASSWORD</translation>
  </message>
  <message>
   <source>Name of the workflow</source>
   <translation>Name des Workflows</translation>
  </message>
  <message>
   <source>New window</source>
   <translation>Neues Fenster</translation>
  </message>
  <message>
   <source>New workflow</source>
   <translation>Neuer Workflow</translation>
  </message>
  <message>
   <source>No free ports of these nodes fit together.</source>
   <translation>Keine freien Anschlüsse dieser Knoten passen zueinander.</translation>
  </message>
  <message>
   <source>No node fits these words</source>
   <translation>Kein Knoten passt zu diesen Wörtern</translation>
  </message>
  <message>
   <source>No node of this name fits here.</source>
   <translation>Kein Knoten dieses Namens passt hier.</translation>
  </message>
  <message>
   <source>No node reads {file}.</source>
   <translation>Kein Knoten liest {file}.</translation>
  </message>
  <message>
   <source>Nodes</source>
   <translation>Knoten</translation>
  </message>
  <message>
   <source>Nodes that fit</source>
   <translation>Passende Knoten</translation>
  </message>
  <message>
   <source>None yet.</source>
   <translation>Noch keine.</translation>
  </message>
  <message>
   <source>Not at the input: {names}.</source>
   <translation>Fehlt am Eingang: {names}.</translation>
  </message>
  <message>
   <source>Nothing found</source>
   <translation>Nichts gefunden</translation>
  </message>
  <message>
   <source>Nothing has been told yet.</source>
   <translation>Noch keine Meldungen.</translation>
  </message>
  <message>
   <source>Nothing is wrong. The workflow can run.</source>
   <translation>Alles in Ordnung. Der Workflow kann laufen.</translation>
  </message>
  <message>
   <source>Nothing was written: {0}</source>
   <translation>Es wurde nichts geschrieben: {0}</translation>
  </message>
  <message>
   <source>OK</source>
   <translation>OK</translation>
  </message>
  <message>
   <source>Only those ticked</source>
   <translation>Nur die angekreuzten</translation>
  </message>
  <message>
   <source>Open a workflow</source>
   <translation>Workflow öffnen</translation>
  </message>
  <message>
   <source>Open components</source>
   <translation>Geöffnete Komponenten</translation>
  </message>
  <message>
   <source>Open recent</source>
   <translation>Zuletzt geöffnet</translation>
  </message>
  <message>
   <source>Open the component</source>
   <translation>Komponente öffnen</translation>
  </message>
  <message>
   <source>Open the last workflow at the start</source>
   <translation>Beim Start den letzten Workflow öffnen</translation>
  </message>
  <message>
   <source>Open workflows</source>
   <translation>Offene Workflows</translation>
  </message>
  <message>
   <source>Open…</source>
   <translation>Öffnen …</translation>
  </message>
  <message>
   <source>Or drop a data file here: CSV, Excel, Parquet, JSON …</source>
   <translation>Oder eine Datendatei hier ablegen: CSV, Excel, Parquet, JSON …</translation>
  </message>
  <message>
   <source>Output</source>
   <translation>Ausgang</translation>
  </message>
  <message>
   <source>Output of the component</source>
   <translation>Ausgang der Komponente</translation>
  </message>
  <message>
   <source>Output: {0}</source>
   <translation>Ausgang: {0}</translation>
  </message>
  <message>
   <source>Outputs</source>
   <translation>Ausgänge</translation>
  </message>
  <message>
   <source>Overview of the workflow</source>
   <translation>Übersicht des Workflows</translation>
  </message>
  <message>
   <source>PNG pictures</source>
   <translation>PNG-Bilder</translation>
  </message>
  <message>
   <source>Palette</source>
   <translation>Palette</translation>
  </message>
  <message>
   <source>Part of the table</source>
   <translation>Teil der Tabelle</translation>
  </message>
  <message>
   <source>Paste</source>
   <translation>Einfügen</translation>
  </message>
  <message>
   <source>Pattern of names</source>
   <translation>Muster für Namen</translation>
  </message>
  <message>
   <source>Pattern of names, such as ^score_</source>
   <translation>Muster für Namen, z. B. ^score_</translation>
  </message>
  <message>
   <source>Pick nothing</source>
   <translation>Auswahl aufheben</translation>
  </message>
  <message>
   <source>Point at a node to read what it does. Enter adds it, so does dragging it.</source>
   <translation>Zeigen Sie auf einen Knoten, um zu lesen, was er tut. Enter oder Ziehen fügt ihn hinzu.</translation>
  </message>
  <message>
   <source>Ports of the component</source>
   <translation>Anschlüsse der Komponente</translation>
  </message>
  <message>
   <source>Preferences</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Preferences…</source>
   <translation>Einstellungen …</translation>
  </message>
  <message>
   <source>Problems</source>
   <translation>Probleme</translation>
  </message>
  <message>
   <source>Put a frame round it</source>
   <translation>Rahmen darum ziehen</translation>
  </message>
  <message>
   <source>Put a frame round them</source>
   <translation>Rahmen darum ziehen</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Recent files</source>
   <translation>Zuletzt geöffnet</translation>
  </message>
  <message>
   <source>Recently used</source>
   <translation>Zuletzt verwendet</translation>
  </message>
  <message>
   <source>Reconnect</source>
   <translation>Neu verbinden</translation>
  </message>
  <message>
   <source>Recover it</source>
   <translation>Wiederherstellen</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Rot</translation>
  </message>
  <message>
   <source>Redo</source>
   <translation>Wiederholen</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Remove from favourites</source>
   <translation>Aus den Favoriten entfernen</translation>
  </message>
  <message>
   <source>Remove its connections</source>
   <translation>Seine Verbindungen entfernen</translation>
  </message>
  <message>
   <source>Remove the column</source>
   <translation>Spalte entfernen</translation>
  </message>
  <message>
   <source>Remove the connection from “{0}”</source>
   <translation>Verbindung von „{0}“ entfernen</translation>
  </message>
  <message>
   <source>Remove the selected rows</source>
   <translation>Ausgewählte Zeilen entfernen</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>Umbenennen</translation>
  </message>
  <message>
   <source>Rename the column</source>
   <translation>Spalte umbenennen</translation>
  </message>
  <message>
   <source>Replace it</source>
   <translation>Ersetzen</translation>
  </message>
  <message>
   <source>Replaces the wire at {0} of {1}</source>
   <translation>Ersetzt die Verbindung an {0} von {1}</translation>
  </message>
  <message>
   <source>Reset all nodes</source>
   <translation>Alle Knoten zurücksetzen</translation>
  </message>
  <message>
   <source>Reset setting</source>
   <translation>Einstellung zurücksetzen</translation>
  </message>
  <message>
   <source>Reset the selected nodes</source>
   <translation>Ausgewählte Knoten zurücksetzen</translation>
  </message>
  <message>
   <source>Run all</source>
   <translation>Alles ausführen</translation>
  </message>
  <message>
   <source>Run changes automatically</source>
   <translation>Änderungen automatisch ausführen</translation>
  </message>
  <message>
   <source>Run to here</source>
   <translation>Bis hierher ausführen</translation>
  </message>
  <message>
   <source>Run to the selected nodes</source>
   <translation>Bis zur Auswahl ausführen</translation>
  </message>
  <message>
   <source>Run without this code</source>
   <translation>Ohne diesen Code ausführen</translation>
  </message>
  <message>
   <source>Running</source>
   <translation>Ausführung</translation>
  </message>
  <message>
   <source>SVG pictures</source>
   <translation>SVG-Bilder</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Speichern</translation>
  </message>
  <message>
   <source>Save as…</source>
   <translation>Speichern unter …</translation>
  </message>
  <message>
   <source>Save the changes to “{name}”?</source>
   <translation>Änderungen an „{name}“ speichern?</translation>
  </message>
  <message>
   <source>Save the picture</source>
   <translation>Bild speichern</translation>
  </message>
  <message>
   <source>Save the workflow</source>
   <translation>Workflow speichern</translation>
  </message>
  <message>
   <source>Search everything</source>
   <translation>Alles durchsuchen</translation>
  </message>
  <message>
   <source>Search everything…</source>
   <translation>Alles durchsuchen …</translation>
  </message>
  <message>
   <source>Search nodes</source>
   <translation>Knoten suchen</translation>
  </message>
  <message>
   <source>Search nodes to add</source>
   <translation>Knoten zum Hinzufügen suchen</translation>
  </message>
  <message>
   <source>Search nodes, columns, commands, settings</source>
   <translation>Knoten, Spalten, Befehle und Einstellungen suchen</translation>
  </message>
  <message>
   <source>Search nodes, columns…   Ctrl+K</source>
   <translation>Knoten, Spalten suchen …   Strg+K</translation>
  </message>
  <message>
   <source>Search the palette</source>
   <translation>In der Palette suchen</translation>
  </message>
  <message>
   <source>Select all</source>
   <translation>Alles auswählen</translation>
  </message>
  <message>
   <source>Service</source>
   <translation>Dienst</translation>
  </message>
  <message>
   <source>Set {label}</source>
   <translation>{label} setzen</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Settings of the node</source>
   <translation>Einstellungen des Knotens</translation>
  </message>
  <message>
   <source>Show all</source>
   <translation>Alles zeigen</translation>
  </message>
  <message>
   <source>Show in a window of its own</source>
   <translation>In einem eigenen Fenster zeigen</translation>
  </message>
  <message>
   <source>Show lines that contain</source>
   <translation>Zeilen zeigen mit</translation>
  </message>
  <message>
   <source>Show rows where</source>
   <translation>Zeilen zeigen, für die gilt</translation>
  </message>
  <message>
   <source>Show rows where, for example: age &gt;= 18</source>
   <translation>Zeilen zeigen, für die gilt, z. B.: age &gt;= 18</translation>
  </message>
  <message>
   <source>Show the setting</source>
   <translation>Einstellung zeigen</translation>
  </message>
  <message>
   <source>Show the whole workflow</source>
   <translation>Ganzen Workflow zeigen</translation>
  </message>
  <message>
   <source>Show the {0} picked</source>
   <translation>Die {0} ausgewählten zeigen</translation>
  </message>
  <message>
   <source>Show what is picked</source>
   <translation>Ausgewähltes zeigen</translation>
  </message>
  <message>
   <source>Size of the cache</source>
   <translation>Größe des Zwischenspeichers</translation>
  </message>
  <message>
   <source>Skip columns that are gone</source>
   <translation>Fehlende Spalten übergehen</translation>
  </message>
  <message>
   <source>Space</source>
   <translation>Leertaste</translation>
  </message>
  <message>
   <source>Statistics</source>
   <translation>Statistik</translation>
  </message>
  <message>
   <source>Statistics of the columns</source>
   <translation>Statistik der Spalten</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Suggested next</source>
   <translation>Passt als Nächstes</translation>
  </message>
  <message>
   <source>Tab</source>
   <translation>Tab</translation>
  </message>
  <message>
   <source>Table</source>
   <translation>Tabelle</translation>
  </message>
  <message>
   <source>Take the value of a variable</source>
   <translation>Wert einer Variablen nehmen</translation>
  </message>
  <message>
   <source>Takes {accepts}</source>
   <translation>Nimmt: {accepts}</translation>
  </message>
  <message>
   <source>Takes {takes} → gives {gives}</source>
   <translation>Nimmt {takes} → gibt {gives}</translation>
  </message>
  <message>
   <source>Text of the note</source>
   <translation>Text der Notiz</translation>
  </message>
  <message>
   <source>That is too much to copy; export it as CSV.</source>
   <translation>Das ist zu viel zum Kopieren; exportieren Sie es als CSV.</translation>
  </message>
  <message>
   <source>The chart has not been computed yet.</source>
   <translation>Das Diagramm ist noch nicht berechnet.</translation>
  </message>
  <message>
   <source>The choice of columns {fault}.</source>
   <translation>Die Auswahl der Spalten {fault}.</translation>
  </message>
  <message>
   <source>The code</source>
   <translation>Der Code</translation>
  </message>
  <message>
   <source>The columns are known once the input is connected. Names can be typed above.</source>
   <translation>Die Spalten sind bekannt, sobald der Eingang verbunden ist. Namen lassen sich oben eintippen.</translation>
  </message>
  <message>
   <source>The connections would run in a circle.</source>
   <translation>Die Verbindungen liefen im Kreis.</translation>
  </message>
  <message>
   <source>The data of the example lie beside it now: {files}</source>
   <translation>Die Daten des Beispiels liegen jetzt daneben: {files}</translation>
  </message>
  <message>
   <source>The formula gives {found}; needed is: {wanted}.</source>
   <translation>Die Formel ergibt {found}; gebraucht wird: {wanted}.</translation>
  </message>
  <message>
   <source>The name “{name}” is there twice.</source>
   <translation>Der Name „{name}“ kommt doppelt vor.</translation>
  </message>
  <message>
   <source>The node is not there any more.</source>
   <translation>Der Knoten ist nicht mehr da.</translation>
  </message>
  <message>
   <source>The picture cannot be written: {error}</source>
   <translation>Das Bild lässt sich nicht schreiben: {error}</translation>
  </message>
  <message>
   <source>The picture is being drawn …</source>
   <translation>Das Bild wird gezeichnet …</translation>
  </message>
  <message>
   <source>The picture was written to {0}</source>
   <translation>Das Bild liegt nun unter {0}</translation>
  </message>
  <message>
   <source>The process that checks the workflow ended unexpectedly.</source>
   <translation>Der Prozess, der den Workflow prüft, wurde unerwartet beendet.</translation>
  </message>
  <message>
   <source>The run ended with failed nodes ({0}).</source>
   <translation>Der Lauf endete mit fehlgeschlagenen Knoten ({0}).</translation>
  </message>
  <message>
   <source>The run is done ({0}).</source>
   <translation>Der Lauf ist fertig ({0}).</translation>
  </message>
  <message>
   <source>The run was stopped ({0}).</source>
   <translation>Der Lauf wurde angehalten ({0}).</translation>
  </message>
  <message>
   <source>The script cannot be written: {error}</source>
   <translation>Das Skript lässt sich nicht schreiben: {error}</translation>
  </message>
  <message>
   <source>The value of a variable</source>
   <translation>Der Wert einer Variablen</translation>
  </message>
  <message>
   <source>The wheel zooms, dragging moves, a double click shows all</source>
   <translation>Das Rad vergrößert, Ziehen verschiebt, ein Doppelklick zeigt alles</translation>
  </message>
  <message>
   <source>The workflow cannot be saved: {error}</source>
   <translation>Der Workflow lässt sich nicht speichern: {error}</translation>
  </message>
  <message>
   <source>The workflow has no variable “{name}”.</source>
   <translation>Der Workflow hat keine Variable „{name}“.</translation>
  </message>
  <message>
   <source>The workflow runs without its own code.</source>
   <translation>Der Workflow läuft ohne seinen eigenen Code.</translation>
  </message>
  <message>
   <source>The workflow was not run, since its code is not allowed.</source>
   <translation>Der Workflow wurde nicht ausgeführt, da sein Code nicht erlaubt ist.</translation>
  </message>
  <message>
   <source>Theme</source>
   <translation>Farben</translation>
  </message>
  <message>
   <source>There is a variable “{name}” already.</source>
   <translation>Eine Variable „{name}“ gibt es schon.</translation>
  </message>
  <message>
   <source>There is no column “{name}” at the input.</source>
   <translation>Am Eingang gibt es keine Spalte „{name}“.</translation>
  </message>
  <message>
   <source>There is no node "{0}".</source>
   <translation>Es gibt keinen Knoten „{0}“.</translation>
  </message>
  <message>
   <source>These count from the next run on.</source>
   <translation>Das gilt ab dem nächsten Lauf.</translation>
  </message>
  <message>
   <source>This code runs on your computer with your rights.</source>
   <translation>Dieser Code läuft auf Ihrem Rechner mit Ihren Rechten.</translation>
  </message>
  <message>
   <source>This connection is there already.</source>
   <translation>Diese Verbindung gibt es schon.</translation>
  </message>
  <message>
   <source>This is an example. Change what you like; save it under a name of your own.</source>
   <translation>Das ist ein Beispiel. Ändern Sie, was Sie möchten, und speichern Sie es unter einem eigenen Namen.</translation>
  </message>
  <message>
   <source>This is no JSON: {fault}</source>
   <translation>Das ist kein JSON: {fault}</translation>
  </message>
  <message>
   <source>This is no path.</source>
   <translation>Das ist kein Pfad.</translation>
  </message>
  <message>
   <source>This node has no output to look at.</source>
   <translation>Dieser Knoten hat keinen Ausgang zum Ansehen.</translation>
  </message>
  <message>
   <source>This node needs no settings.</source>
   <translation>Dieser Knoten braucht keine Einstellungen.</translation>
  </message>
  <message>
   <source>This node type is not installed. Its settings are kept as they are:</source>
   <translation>Dieser Knotentyp ist nicht installiert. Seine Einstellungen bleiben, wie sie sind:</translation>
  </message>
  <message>
   <source>This node type is not installed. The node is kept as it is.</source>
   <translation>Dieser Knotentyp ist nicht installiert. Der Knoten bleibt, wie er ist.</translation>
  </message>
  <message>
   <source>This workflow holds code of its own</source>
   <translation>Dieser Workflow enthält eigenen Code</translation>
  </message>
  <message>
   <source>This workflow holds code of its own. It runs only if you allow it.</source>
   <translation>Dieser Workflow enthält eigenen Code. Er läuft nur, wenn Sie es erlauben.</translation>
  </message>
  <message>
   <source>Tick all that are shown</source>
   <translation>Alle gezeigten ankreuzen</translation>
  </message>
  <message>
   <source>Title of the frame</source>
   <translation>Titel des Rahmens</translation>
  </message>
  <message>
   <source>Title of the node</source>
   <translation>Titel des Knotens</translation>
  </message>
  <message>
   <source>To the settings of the node</source>
   <translation>Zu den Einstellungen des Knotens</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Training</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Typ</translation>
  </message>
  <message>
   <source>Type of the value</source>
   <translation>Typ des Werts</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>Untick all that are shown</source>
   <translation>Alle gezeigten abwählen</translation>
  </message>
  <message>
   <source>Use “{0}”</source>
   <translation>„{0}“ nehmen</translation>
  </message>
  <message>
   <source>User</source>
   <translation>Benutzer</translation>
  </message>
  <message>
   <source>Usual</source>
   <translation>Wie üblich</translation>
  </message>
  <message>
   <source>Values that settings can refer to, and that are given when it is run.</source>
   <translation>Werte, auf die sich Einstellungen beziehen können und die beim Ausführen angegeben werden.</translation>
  </message>
  <message>
   <source>Variable</source>
   <translation>Variable</translation>
  </message>
  <message>
   <source>Variables</source>
   <translation>Variablen</translation>
  </message>
  <message>
   <source>Versions</source>
   <translation>Versionen</translation>
  </message>
  <message>
   <source>Violet</source>
   <translation>Violett</translation>
  </message>
  <message>
   <source>Walk along the wires</source>
   <translation>Den Verbindungen folgen</translation>
  </message>
  <message>
   <source>Warnings and errors</source>
   <translation>Warnungen und Fehler</translation>
  </message>
  <message>
   <source>Welcome page</source>
   <translation>Startseite</translation>
  </message>
  <message>
   <source>What it is for</source>
   <translation>Wozu sie dient</translation>
  </message>
  <message>
   <source>What runs tell appears here.</source>
   <translation>Hier erscheint, was Läufe melden.</translation>
  </message>
  <message>
   <source>What the log shows</source>
   <translation>Was das Protokoll zeigt</translation>
  </message>
  <message>
   <source>What the node does</source>
   <translation>Was der Knoten tut</translation>
  </message>
  <message>
   <source>What this workflow is for</source>
   <translation>Wozu dieser Workflow dient</translation>
  </message>
  <message>
   <source>What to show</source>
   <translation>Was gezeigt wird</translation>
  </message>
  <message>
   <source>What you changed in “{name}” is not saved and would be lost.</source>
   <translation>Was Sie in „{name}“ geändert haben, ist nicht gespeichert und ginge verloren.</translation>
  </message>
  <message>
   <source>Where the secret is</source>
   <translation>Wo das Geheimnis liegt</translation>
  </message>
  <message>
   <source>Workflow</source>
   <translation>Workflow</translation>
  </message>
  <message>
   <source>Workflow canvas</source>
   <translation>Zeichenfläche des Workflows</translation>
  </message>
  <message>
   <source>Workflows</source>
   <translation>Workflows</translation>
  </message>
  <message>
   <source>Workflows for data analysis and machine learning.</source>
   <translation>Workflows für Datenanalyse und maschinelles Lernen.</translation>
  </message>
  <message>
   <source>Working …</source>
   <translation>Es wird gearbeitet …</translation>
  </message>
  <message>
   <source>Write a note</source>
   <translation>Eine Notiz schreiben</translation>
  </message>
  <message>
   <source>Writing in “{path}” is not allowed.</source>
   <translation>In „{path}“ darf nicht geschrieben werden.</translation>
  </message>
  <message>
   <source>Wrote {file}.</source>
   <translation>{file} wurde geschrieben.</translation>
  </message>
  <message>
   <source>Yellow</source>
   <translation>Gelb</translation>
  </message>
  <message>
   <source>Zoom in</source>
   <translation>Vergrößern</translation>
  </message>
  <message>
   <source>Zoom out</source>
   <translation>Verkleinern</translation>
  </message>
  <message>
   <source>Zoom to fit</source>
   <translation>Alles zeigen</translation>
  </message>
  <message>
   <source>Zoom to the selection</source>
   <translation>Auswahl groß zeigen</translation>
  </message>
  <message>
   <source>a colour such as #1f77b4</source>
   <translation>eine Farbe wie #1f77b4</translation>
  </message>
  <message>
   <source>a column</source>
   <translation>eine Spalte</translation>
  </message>
  <message>
   <source>a column ({0})</source>
   <translation>eine Spalte ({0})</translation>
  </message>
  <message>
   <source>a date such as 2024-12-31</source>
   <translation>ein Datum wie 2024-12-31</translation>
  </message>
  <message>
   <source>a file</source>
   <translation>eine Datei</translation>
  </message>
  <message>
   <source>a file to read</source>
   <translation>eine Datei zum Lesen</translation>
  </message>
  <message>
   <source>a file to write</source>
   <translation>eine Datei zum Schreiben</translation>
  </message>
  <message>
   <source>a formula</source>
   <translation>eine Formel</translation>
  </message>
  <message>
   <source>a list, each {0}</source>
   <translation>eine Liste, je Eintrag: {0}</translation>
  </message>
  <message>
   <source>a number</source>
   <translation>eine Zahl</translation>
  </message>
  <message>
   <source>a text</source>
   <translation>ein Text</translation>
  </message>
  <message>
   <source>a text of {0} characters or more</source>
   <translation>ein Text mit mindestens {0} Zeichen</translation>
  </message>
  <message>
   <source>a text that is not empty</source>
   <translation>ein nicht leerer Text</translation>
  </message>
  <message>
   <source>a text, a number, true or false</source>
   <translation>ein Text, eine Zahl, wahr oder falsch</translation>
  </message>
  <message>
   <source>a whole number</source>
   <translation>eine ganze Zahl</translation>
  </message>
  <message>
   <source>above {0}</source>
   <translation>größer als {0}</translation>
  </message>
  <message>
   <source>above {low}</source>
   <translation>über {low}</translation>
  </message>
  <message>
   <source>add</source>
   <translation>hinzufügen</translation>
  </message>
  <message>
   <source>add an entry to “{label}”</source>
   <translation>einen Eintrag zu „{label}“ hinzufügen</translation>
  </message>
  <message>
   <source>all but {0}</source>
   <translation>alle außer {0}</translation>
  </message>
  <message>
   <source>all but {names}</source>
   <translation>alle außer {names}</translation>
  </message>
  <message>
   <source>all columns</source>
   <translation>alle Spalten</translation>
  </message>
  <message>
   <source>as installed</source>
   <translation>wie installiert</translation>
  </message>
  <message>
   <source>as the system</source>
   <translation>wie das System</translation>
  </message>
  <message>
   <source>automatic</source>
   <translation>automatisch</translation>
  </message>
  <message>
   <source>below {0}</source>
   <translation>kleiner als {0}</translation>
  </message>
  <message>
   <source>below {high}</source>
   <translation>unter {high}</translation>
  </message>
  <message>
   <source>boolean</source>
   <translation>Wahrheitswert</translation>
  </message>
  <message>
   <source>category</source>
   <translation>Kategorie</translation>
  </message>
  <message>
   <source>changed from the default</source>
   <translation>von der Vorgabe abweichend</translation>
  </message>
  <message>
   <source>chart</source>
   <translation>Diagramm</translation>
  </message>
  <message>
   <source>choose a column</source>
   <translation>Spalte wählen</translation>
  </message>
  <message>
   <source>choose a column for “{label}”</source>
   <translation>eine Spalte für „{label}“ wählen</translation>
  </message>
  <message>
   <source>choose a file for “{label}”</source>
   <translation>eine Datei für „{label}“ wählen</translation>
  </message>
  <message>
   <source>choose columns for “{label}”</source>
   <translation>Spalten für „{label}“ wählen</translation>
  </message>
  <message>
   <source>code</source>
   <translation>Code</translation>
  </message>
  <message>
   <source>column</source>
   <translation>Spalte</translation>
  </message>
  <message>
   <source>columns</source>
   <translation>Spalten</translation>
  </message>
  <message>
   <source>columns ({0})</source>
   <translation>Spalten ({0})</translation>
  </message>
  <message>
   <source>command</source>
   <translation>Befehl</translation>
  </message>
  <message>
   <source>dark</source>
   <translation>dunkel</translation>
  </message>
  <message>
   <source>date</source>
   <translation>Datum</translation>
  </message>
  <message>
   <source>datetime</source>
   <translation>Zeitpunkt</translation>
  </message>
  <message>
   <source>done</source>
   <translation>fertig</translation>
  </message>
  <message>
   <source>done, from the results that are kept</source>
   <translation>fertig, aus gespeicherten Ergebnissen</translation>
  </message>
  <message>
   <source>duration</source>
   <translation>Dauer</translation>
  </message>
  <message>
   <source>engine ready</source>
   <translation>bereit</translation>
  </message>
  <message>
   <source>enter a formula for “{label}”</source>
   <translation>eine Formel für „{label}“ eingeben</translation>
  </message>
  <message>
   <source>enter a value for “{label}”</source>
   <translation>einen Wert für „{label}“ eingeben</translation>
  </message>
  <message>
   <source>environment variable</source>
   <translation>Umgebungsvariable</translation>
  </message>
  <message>
   <source>error</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>fehlgeschlagen</translation>
  </message>
  <message>
   <source>false</source>
   <translation>falsch</translation>
  </message>
  <message>
   <source>float</source>
   <translation>Kommazahl</translation>
  </message>
  <message>
   <source>for example: age &gt;= 18 and country == "DE"</source>
   <translation>zum Beispiel: alter &gt;= 18 and land == "DE"</translation>
  </message>
  <message>
   <source>from the run</source>
   <translation>aus dem Lauf</translation>
  </message>
  <message>
   <source>from {0} to {1}</source>
   <translation>von {0} bis {1}</translation>
  </message>
  <message>
   <source>from {low} to {high}</source>
   <translation>von {low} bis {high}</translation>
  </message>
  <message>
   <source>input</source>
   <translation>Eingang</translation>
  </message>
  <message>
   <source>input “{label}” is not connected; it needs a {type}</source>
   <translation>der Eingang „{label}“ ist nicht verbunden; er braucht: {type}</translation>
  </message>
  <message>
   <source>integer</source>
   <translation>Ganzzahl</translation>
  </message>
  <message>
   <source>light</source>
   <translation>hell</translation>
  </message>
  <message>
   <source>list</source>
   <translation>Liste</translation>
  </message>
  <message>
   <source>missing</source>
   <translation>fehlend</translation>
  </message>
  <message>
   <source>model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>names like {pattern}</source>
   <translation>Namen wie {pattern}</translation>
  </message>
  <message>
   <source>names, each with {0}</source>
   <translation>Namen, je mit: {0}</translation>
  </message>
  <message>
   <source>needed</source>
   <translation>erforderlich</translation>
  </message>
  <message>
   <source>needs settings</source>
   <translation>braucht Einstellungen</translation>
  </message>
  <message>
   <source>network</source>
   <translation>Netz</translation>
  </message>
  <message>
   <source>no</source>
   <translation>nein</translation>
  </message>
  <message>
   <source>node</source>
   <translation>Knoten</translation>
  </message>
  <message>
   <source>nodeflow ended unexpectedly. Unsaved work is there: {names}.</source>
   <translation>nodeflow wurde unerwartet beendet. Nicht gespeicherte Arbeit ist noch da: {names}.</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keine</translation>
  </message>
  <message>
   <source>not set</source>
   <translation>nicht gesetzt</translation>
  </message>
  <message>
   <source>not there</source>
   <translation>fehlt</translation>
  </message>
  <message>
   <source>nothing</source>
   <translation>nichts</translation>
  </message>
  <message>
   <source>number</source>
   <translation>Zahl</translation>
  </message>
  <message>
   <source>of at least {0}</source>
   <translation>ab {0}</translation>
  </message>
  <message>
   <source>of at least {low}</source>
   <translation>ab {low}</translation>
  </message>
  <message>
   <source>of at most {0}</source>
   <translation>bis {0}</translation>
  </message>
  <message>
   <source>of at most {high}</source>
   <translation>bis {high}</translation>
  </message>
  <message>
   <source>or drag a node from the palette, or press Tab to search for one.</source>
   <translation>oder einen Knoten aus der Palette ziehen, oder mit Tab einen suchen.</translation>
  </message>
  <message>
   <source>other</source>
   <translation>Sonstiges</translation>
  </message>
  <message>
   <source>output</source>
   <translation>Ausgang</translation>
  </message>
  <message>
   <source>ready</source>
   <translation>bereit</translation>
  </message>
  <message>
   <source>report</source>
   <translation>Bericht</translation>
  </message>
  <message>
   <source>running</source>
   <translation>läuft</translation>
  </message>
  <message>
   <source>select the nodes that are to go into the component</source>
   <translation>wählen Sie die Knoten aus, die in die Komponente sollen</translation>
  </message>
  <message>
   <source>set</source>
   <translation>gesetzt</translation>
  </message>
  <message>
   <source>skipped</source>
   <translation>übersprungen</translation>
  </message>
  <message>
   <source>step</source>
   <translation>Schritt</translation>
  </message>
  <message>
   <source>stopped</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>table</source>
   <translation>Tabelle</translation>
  </message>
  <message>
   <source>tensors</source>
   <translation>Tensoren</translation>
  </message>
  <message>
   <source>text</source>
   <translation>Text</translation>
  </message>
  <message>
   <source>the clipboard has no nodes; copy some nodes first</source>
   <translation>in der Zwischenablage sind keine Knoten; kopieren Sie erst welche</translation>
  </message>
  <message>
   <source>the component lies in {0}; open that file to change it</source>
   <translation>die Komponente liegt in {0}; öffnen Sie diese Datei, um sie zu ändern</translation>
  </message>
  <message>
   <source>the first {0} rows</source>
   <translation>die ersten {0} Zeilen</translation>
  </message>
  <message>
   <source>the name of a server</source>
   <translation>der Name eines Servers</translation>
  </message>
  <message>
   <source>the place where a secret is kept</source>
   <translation>der Ort, an dem ein Geheimnis liegt</translation>
  </message>
  <message>
   <source>the system’s keyring</source>
   <translation>Schlüsselbund des Systems</translation>
  </message>
  <message>
   <source>the usual folder</source>
   <translation>der übliche Ordner</translation>
  </message>
  <message>
   <source>the workflow has no file yet; choose one to save it in</source>
   <translation>der Workflow hat noch keine Datei; wählen Sie eine zum Speichern</translation>
  </message>
  <message>
   <source>there is no column “{name}”</source>
   <translation>es gibt keine Spalte „{name}“</translation>
  </message>
  <message>
   <source>these nodes do not lie in one component</source>
   <translation>diese Knoten liegen nicht in einer Komponente</translation>
  </message>
  <message>
   <source>this connection is not there any more</source>
   <translation>diese Verbindung gibt es nicht mehr</translation>
  </message>
  <message>
   <source>this node type is not installed</source>
   <translation>dieser Knotentyp ist nicht installiert</translation>
  </message>
  <message>
   <source>time</source>
   <translation>Uhrzeit</translation>
  </message>
  <message>
   <source>true</source>
   <translation>wahr</translation>
  </message>
  <message>
   <source>true or false</source>
   <translation>wahr oder falsch</translation>
  </message>
  <message>
   <source>type {types}</source>
   <translation>Typ {types}</translation>
  </message>
  <message>
   <source>unknown</source>
   <translation>unbekannt</translation>
  </message>
  <message>
   <source>variables</source>
   <translation>Variablen</translation>
  </message>
  <message>
   <source>waits for its turn</source>
   <translation>wartet</translation>
  </message>
  <message>
   <source>warning</source>
   <translation>Warnung</translation>
  </message>
  <message>
   <source>yes</source>
   <translation>ja</translation>
  </message>
  <message>
   <source>{0} columns</source>
   <translation>{0} Spalten</translation>
  </message>
  <message>
   <source>{0} has no input and output for a {1}</source>
   <translation>{0} hat keinen Ein- und Ausgang für {1}</translation>
  </message>
  <message>
   <source>{0} has no input.</source>
   <translation>{0} hat keinen Eingang.</translation>
  </message>
  <message>
   <source>{0} has no output.</source>
   <translation>{0} hat keinen Ausgang.</translation>
  </message>
  <message>
   <source>{0} missing</source>
   <translation>{0} fehlend</translation>
  </message>
  <message>
   <source>{0} nodes selected</source>
   <translation>{0} Knoten ausgewählt</translation>
  </message>
  <message>
   <source>{0} of {1}</source>
   <translation>{0} von {1}</translation>
  </message>
  <message>
   <source>{0} of {1} rows</source>
   <translation>{0} von {1} Zeilen</translation>
  </message>
  <message>
   <source>{0} or {1}</source>
   <translation>{0} oder {1}</translation>
  </message>
  <message>
   <source>{0} rows</source>
   <translation>{0} Zeilen</translation>
  </message>
  <message>
   <source>{0} rows copied</source>
   <translation>{0} Zeilen kopiert</translation>
  </message>
  <message>
   <source>{0} rows were written to {1}</source>
   <translation>{0} Zeilen wurden nach {1} geschrieben</translation>
  </message>
  <message>
   <source>{0} rows × {1} columns</source>
   <translation>{0} Zeilen × {1} Spalten</translation>
  </message>
  <message>
   <source>{0} s</source>
   <translation>{0} s</translation>
  </message>
  <message>
   <source>{0} to {1}</source>
   <translation>{0} bis {1}</translation>
  </message>
  <message>
   <source>{0}, or nothing</source>
   <translation>{0}, oder nichts</translation>
  </message>
  <message>
   <source>{chosen} of {all}</source>
   <translation>{chosen} von {all}</translation>
  </message>
  <message>
   <source>{cores} cores</source>
   <translation>{cores} Kerne</translation>
  </message>
  <message>
   <source>{count} done</source>
   <translation>{count} fertig</translation>
  </message>
  <message>
   <source>{count} failed</source>
   <translation>{count} fehlgeschlagen</translation>
  </message>
  <message>
   <source>{count} from the cache</source>
   <translation>{count} aus dem Zwischenspeicher</translation>
  </message>
  <message>
   <source>{count} running</source>
   <translation>{count} laufen</translation>
  </message>
  <message>
   <source>{count} to run</source>
   <translation>{count} auszuführen</translation>
  </message>
  <message>
   <source>{count} waiting</source>
   <translation>{count} warten</translation>
  </message>
  <message>
   <source>{file} cannot be opened: {error}</source>
   <translation>{file} lässt sich nicht öffnen: {error}</translation>
  </message>
  <message>
   <source>{file} was changed by another program.</source>
   <translation>{file} wurde von einem anderen Programm geändert.</translation>
  </message>
  <message>
   <source>{label}, entry {number}: </source>
   <translation>{label}, Eintrag {number}: </translation>
  </message>
  <message>
   <source>{package} is not installed</source>
   <translation>{package} ist nicht installiert</translation>
  </message>
  <message>
   <source>{words} without {names}</source>
   <translation>{words} ohne {names}</translation>
  </message>
  <message>
   <source>“{file}” is there already. Replace it?</source>
   <translation>„{file}“ gibt es schon. Ersetzen?</translation>
  </message>
  <message>
   <source>“{file}” was changed by another program. Replace what it wrote?</source>
   <translation>„{file}“ wurde von einem anderen Programm geändert. Dessen Änderungen ersetzen?</translation>
  </message>
  <message>
   <source>“{name}” is {found}; needed is: {wanted}.</source>
   <translation>„{name}“ hat den Typ {found}; gebraucht wird: {wanted}.</translation>
  </message>
  <message>
   <source>“{path}” is no folder.</source>
   <translation>„{path}“ ist kein Ordner.</translation>
  </message>
  <message>
   <source>“{value}” is none of the choices.</source>
   <translation>„{value}“ steht nicht zur Wahl.</translation>
  </message>
  <message>
   <source>… and {count} more</source>
   <translation>… und {count} weitere</translation>
  </message>
 </context>
</TS>
