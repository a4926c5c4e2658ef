"""Turn notebooks into one PDF and one HTML page, with every number traced.

``notebooks`` reads and writes notebook files, ``execute`` runs them, ``convert`` turns them into Markdown,
``render`` into PDF and HTML, ``check_pdf`` and ``check_html`` inspect both, and ``build`` does it all.
"""
