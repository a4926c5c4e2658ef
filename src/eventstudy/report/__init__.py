"""Turn notebooks into one PDF and one HTML page, with every number traced.

``notebooks`` reads and writes notebook files, ``execute`` runs them, ``convert`` turns them into Markdown,
``render`` into PDF and HTML, ``word`` into a Word document, ``check_pdf`` and ``check_html`` inspect PDF and HTML,
and ``build`` does it all.
"""
